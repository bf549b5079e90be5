use serde::{Deserialize, Serialize};

use crate::codec::{self, Form};
use crate::engine::Now;
use crate::error::Error;
use crate::id::OutboxId;
use crate::store::{Key, Kind, Load, Loaded, Record, Write};
use crate::time::Timestamp;

/// The result of an HTTP action of a decided one-time-use action. Only the host sees results; the API shows none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActionResult {
    /// The outbox entry, one of [`Challenge::action_entries`](crate::Challenge::action_entries). The id is the
    /// idempotency key of the request.
    pub entry: OutboxId,
    /// The position among the actions of the outcome, from 0.
    pub index: usize,
    /// When the action was performed or given up.
    pub at: Timestamp,
    /// The last HTTP status of the receiver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// `true` if the action was performed. Otherwise the action is a dead letter, or was discarded as such.
    pub performed: bool,
}

/// The stored form of a result. Each result is a separate record, because the actions of an approval often end at the
/// same time.
#[derive(Serialize, Deserialize)]
struct StoredResult {
    v: Form,
    #[serde(flatten)]
    result: ActionResult,
}

impl ActionResult {
    pub(crate) const fn new(
        entry: OutboxId,
        index: usize,
        at: Timestamp,
        status: Option<u16>,
        performed: bool,
    ) -> Self {
        Self { entry, index, at, status, performed }
    }
}

/// Returns the write of a result, stored as long as the challenge, unless the challenge is garbage already.
pub(crate) fn put_result(result: ActionResult, until: Timestamp, now: Now) -> Result<Option<Write>, Error> {
    if until <= now.latest {
        return Ok(None);
    }
    let body = codec::encode(&StoredResult { v: Form, result })?;
    let record = Record { key: key(result.entry), due: None, expires: Some(until), body };
    Ok(Some(Write::create(record)))
}

/// Returns a request for the result of an entry.
pub(crate) fn load_result(entry: OutboxId) -> Load {
    Load::key(key(entry))
}

/// Finds the result of an entry among the loaded records.
pub(crate) fn find_result(loaded: &Loaded, entry: OutboxId) -> Result<Option<ActionResult>, Error> {
    let Some(stored) = loaded.find(key(entry)) else { return Ok(None) };
    Ok(Some(codec::decode::<StoredResult>(&stored.record.body)?.result))
}

const fn key(entry: OutboxId) -> Key {
    Key::new(Kind::ActionResult, entry.0)
}
