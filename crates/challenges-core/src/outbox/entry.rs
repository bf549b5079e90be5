use crate::approvals::{Actor, HttpAction};
use crate::challenge_type::ChallengeType;
use crate::error::Error;
use crate::id::{ChallengeId, EndpointId, OutboxId};
use crate::owner::Owner;
use crate::secret::Secret;
use crate::time::Timestamp;

/// An entry of the outbox, with secrets opened.
#[derive(Debug)]
#[non_exhaustive]
pub struct OutboxEntry {
    /// The id, also the idempotency key of the task.
    pub id: OutboxId,
    /// The user.
    pub owner: Owner,
    /// The challenge; `None` for the confirmation of a phone number.
    pub challenge: Option<ChallengeId>,
    /// The number of attempts, including a current attempt.
    pub attempts: u32,
    /// The time of the next attempt. During an attempt, the end of the lease: from then on another dispatcher may take
    /// over.
    pub due: Timestamp,
    /// The end of attempts.
    pub until: Timestamp,
    /// The task.
    pub task: Task,
}

/// An entry that failed for good and waits for a decision of the host.
#[derive(Debug)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The entry, with the number of attempts.
    pub entry: OutboxEntry,
    /// The time of giving up.
    pub died: Timestamp,
    /// The HTTP status of the last response.
    pub status: Option<u16>,
}

/// An unreadable entry: the format is unknown, or the key is missing from the ring.
#[derive(Debug, thiserror::Error)]
#[error("the outbox entry {id} cannot be read; see the source of this error")]
#[non_exhaustive]
pub struct UnreadableEntry {
    /// The id of the entry.
    pub id: OutboxId,
    /// The reason.
    pub source: Error,
}

/// The task of an outbox entry.
#[derive(Debug)]
#[non_exhaustive]
pub enum Task {
    /// Send a link.
    Deliver {
        /// The type of message.
        channel: ChallengeType,
        /// The receiving endpoint.
        endpoint: EndpointId,
        /// The secret of the link.
        secret: Secret,
        /// The link: the answer page, with the form parameters in the query.
        link: Secret,
    },
    /// Send the confirmation code of a phone number.
    Confirm {
        /// The receiving endpoint.
        endpoint: EndpointId,
        /// The code.
        code: Secret,
    },
    /// Run an HTTP action of a decided one-time-use action.
    Act {
        /// The deciding actor, on whose behalf the action runs.
        actor: Actor,
        /// The position among the actions of the outcome, from 0.
        index: usize,
        /// The HTTP request.
        action: HttpAction,
    },
}
