use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use challenges_core::store::{Id, Key, Kind, Load, StoreError};
use challenges_core::{Challenges, Observation, Observer, Owner, Store};
use serde_json::{Value, json};

use super::check::Check;
use crate::error::Error;

/// The number of records named in the text.
const NAMED: usize = 5;

/// Receives the keys of records that do not verify.
#[derive(Clone, Debug, Default)]
pub(super) struct Untrusted(Arc<Mutex<BTreeSet<Key>>>);

impl Observer for Untrusted {
    fn observe(&self, observation: &Observation<'_>) {
        if let Observation::RecordUntrusted { key, .. } = observation {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(*key);
        }
    }
}

/// The addresses in a store, by the user that each record names. No name is verified.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    pub(super) named: BTreeMap<Owner, Vec<Id>>,
    /// The addresses whose records name no user.
    pub(super) nameless: Vec<Id>,
}

#[derive(Debug, Default)]
struct Findings<'a> {
    usable: usize,
    disabled: usize,
    /// The users with an address that the keys do not open.
    unusable: BTreeSet<&'a Owner>,
    /// The users with a record that cannot be read.
    unreadable: Vec<(&'a Owner, Error)>,
    /// The records that cannot be read.
    records: BTreeSet<Key>,
}

/// Checks that messages can be sent to the addresses of users. A disabled address is the choice of the user.
pub(super) async fn check(
    challenges: &Challenges,
    untrusted: &Untrusted,
    store: &dyn Store,
    addresses: &Addresses,
) -> Check {
    let mut findings = Findings::default();
    let mut strays = addresses.nameless.clone();
    for (owner, ids) in &addresses.named {
        let status = match challenges.account(owner).status().await {
            Ok(status) => status,
            Err(error @ challenges_core::Error::Store(_)) => return Check::failed("endpoints", &error.into()),
            Err(error) => {
                findings.unreadable.push((owner, error.into()));
                continue;
            }
        };
        for endpoint in status.endpoints.iter().filter(|endpoint| endpoint.is_confirmed()) {
            match status.address(endpoint.id()) {
                None => drop(findings.unusable.insert(owner)),
                Some(_) if endpoint.is_enabled() => findings.usable = findings.usable.saturating_add(1),
                Some(_) => findings.disabled = findings.disabled.saturating_add(1),
            }
        }
        let known: BTreeSet<_> = status.endpoints.iter().map(|endpoint| endpoint.id().to_string()).collect();
        strays.extend(ids.iter().filter(|id| !known.contains(&id.to_string())));
    }
    findings.records.extend(untrusted.0.lock().unwrap_or_else(PoisonError::into_inner).iter());
    for id in strays {
        let key = Key::new(Kind::Endpoint, id);
        match is_left(store, key).await {
            Ok(true) => drop(findings.records.insert(key)),
            // Deleted meanwhile.
            Ok(false) => {}
            Err(error) => return Check::failed("endpoints", &error.into()),
        }
    }
    findings.into_check()
}

async fn is_left(store: &dyn Store, key: Key) -> Result<bool, StoreError> {
    Ok(store.load(&Load::key(key)).await?.iter().any(|stored| stored.record.key == key))
}

impl Findings<'_> {
    fn into_check(self) -> Check {
        let Self { usable, disabled, unusable, unreadable, records } = self;
        let mut problems = Vec::new();
        if !unusable.is_empty() {
            let users = unusable.len();
            problems.push(format!("{users} users have an address that the keys do not open; restore the missing key"));
        }
        if let Some((_, error)) = unreadable.first() {
            let users = unreadable.len();
            problems.push(format!("{users} users have a record that cannot be read: {}", error.message()));
        }
        if !records.is_empty() {
            let named = records.iter().take(NAMED).map(|key| format!("{} {}", <&str>::from(key.kind), key.id));
            let named: Vec<_> = named.collect();
            let more = if records.len() > NAMED { ", ..." } else { "" };
            let count = records.len();
            problems.push(format!("{count} records cannot be read: {}{more}; restore a backup", named.join(", ")));
        }
        let check = if problems.is_empty() {
            Check::ok("endpoints", format!("{usable} usable, {disabled} disabled"))
        } else {
            Check::problem("endpoints", problems.join("; "))
        };
        let user = |owner: &Owner| json!({ "user": owner.user_id(), "tenant": owner.tenant() });
        let unusable: Vec<Value> = unusable.into_iter().map(user).collect();
        let with_error = |(owner, error): &(&Owner, Error)| json!({ "user": owner.user_id(), "tenant": owner.tenant(), "error": error.message() });
        let unreadable: Vec<Value> = unreadable.iter().map(with_error).collect();
        let record = |key: &Key| json!({ "kind": <&str>::from(key.kind), "id": key.id.to_string() });
        let records: Vec<Value> = records.iter().map(record).collect();
        check.with(json!({ "usable": usable, "disabled": disabled, "unusable": unusable, "unreadable": unreadable, "records": records }))
    }
}
