use serde::{Deserialize, Serialize};

use crate::id::OutboxId;
use crate::time::Timestamp;

/// What became of one HTTP action of a decided one-time-use action. It is the host's alone: no response of the API has
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActionResult {
    /// The outbox entry, whose id is the action's idempotency key: one of [`Challenge::actions`](crate::Challenge::actions).
    pub entry: OutboxId,
    /// The action's place among those of its outcome, from 0.
    pub index: usize,
    /// When it was performed, or given up.
    pub at: Timestamp,
    /// The HTTP status that the other side answered with last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Whether it was performed. Otherwise it is a dead letter, or was one that was discarded.
    pub performed: bool,
}
