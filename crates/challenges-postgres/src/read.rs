use std::ops::RangeInclusive;

use challenges_core::Timestamp;
use challenges_core::store::{Id, IdText, Key, Kind, Load, Stored};

use crate::call::{Call, Value};
use crate::client::Client;
use crate::fault::Fault;
use crate::number;
use crate::schema::Functions;

pub(crate) async fn load(client: &Client, functions: &Functions, request: &Load) -> Result<Vec<Stored>, Fault> {
    let id = key_id(request);
    match load_call(functions, request, id.as_ref()) {
        Some(call) => client.read(&call).await,
        None => Ok(Vec::new()),
    }
}

/// Returns the text of the id of the requested key.
pub(crate) fn key_id(request: &Load) -> Option<IdText> {
    request.requested_key().map(|key| key.id.encode())
}

/// Returns the call that loads the records, or `None` for an empty request. `id` is from [`key_id`].
pub(crate) fn load_call<'a>(functions: &'a Functions, request: &Load, id: Option<&'a IdText>) -> Option<Call<'a>> {
    let mut kinds: Vec<Kind> = request.owned_kinds().to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    let is_owned = |key: &Key| key.id.owner() == request.owner() && kinds.contains(&key.kind);
    let key = request.requested_key().filter(|key| !is_owned(key));
    if key.is_none() && kinds.is_empty() {
        return None;
    }
    let values = vec![
        Value::Big(number::from_owner(request.owner())),
        Value::Smalls(kinds.iter().map(|kind| kind.code().into()).collect()),
        Value::Small(key.map_or(0, |key| key.kind.code().into())),
        Value::Text(id.filter(|_| key.is_some()).map(IdText::as_str)),
        Value::Text(Some(&functions.mark)),
    ];
    Some(Call { sql: &functions.load, values })
}

pub(crate) async fn list(
    client: &Client,
    functions: &Functions,
    kind: Kind,
    owner: Option<u64>,
    after: Option<Id>,
    limit: usize,
) -> Result<Vec<Stored>, Fault> {
    let passed = after.map(|id| id.owner());
    if limit == 0 || owner.is_some_and(|owner| passed > Some(owner)) {
        return Ok(Vec::new());
    }
    let text = after.map(|id| id.encode());
    let after = text.as_ref().map_or("", |id| id.as_str());
    let (sql, owner, after) = match owner {
        Some(owner) => {
            let after = if passed == Some(owner) { after } else { "" };
            (&functions.list, number::from_owner(owner), after)
        }
        None => (&functions.list_all, passed.map_or(i64::MIN, number::from_owner), after),
    };
    let limit = number::from_limit(limit);
    let values = vec![
        Value::Small(kind.code().into()),
        Value::Big(owner),
        Value::Text(Some(after)),
        Value::Big(limit),
        Value::Text(Some(&functions.mark)),
    ];
    client.read(&Call { sql, values }).await
}

pub(crate) async fn due(
    client: &Client,
    functions: &Functions,
    kind: Kind,
    owners: &RangeInclusive<i64>,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Stored>, Fault> {
    let values = vec![
        Value::Small(kind.code().into()),
        Value::Big(*owners.start()),
        Value::Big(*owners.end()),
        Value::Big(number::from_time(now)),
        Value::Big(number::from_limit(limit)),
        Value::Text(Some(&functions.mark)),
    ];
    client.read(&Call { sql: &functions.due, values }).await
}
