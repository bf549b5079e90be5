use crate::challenge::{Actor, ChallengeType, HttpAction};
use crate::error::Error;
use crate::id::{ChallengeId, EndpointId, OutboxId};
use crate::owner::Owner;
use crate::secret::Secret;
use crate::time::Timestamp;

/// An entry of the outbox, with its secrets opened.
#[derive(Debug)]
#[non_exhaustive]
pub struct OutboxEntry {
    /// Its id: the idempotency key of what it asks for.
    pub id: OutboxId,
    /// Whose it is.
    pub owner: Owner,
    /// The challenge that it is of; absent for the confirmation of a phone number.
    pub challenge: Option<ChallengeId>,
    /// How often it was attempted, an attempt under way included.
    pub attempts: u32,
    /// When it is attempted next. While an attempt is under way that is when somebody else may take it over.
    pub due: Timestamp,
    /// From when on it is not attempted any more.
    pub until: Timestamp,
    /// What must be done.
    pub task: Task,
}

/// An entry that failed for good and waits for the host's decision.
#[derive(Debug)]
#[non_exhaustive]
pub struct DeadLetter {
    /// What was to be done, and how often that was attempted.
    pub entry: OutboxEntry,
    /// When it was given up.
    pub died: Timestamp,
    /// The HTTP status that the other side answered with last.
    pub status: Option<u16>,
}

/// An entry of the outbox that cannot be read: of an unknown form, or sealed under a key that is not at hand.
#[derive(Debug, thiserror::Error)]
#[error("the outbox entry {id} cannot be read")]
pub struct UnreadableEntry {
    /// Its id.
    pub id: OutboxId,
    /// Why.
    pub source: Error,
}

/// What an outbox entry asks for.
#[derive(Debug)]
#[non_exhaustive]
pub enum Task {
    /// Send a link.
    Deliver(Delivery),
    /// Send the code that confirms a phone number.
    Confirm(Confirmation),
    /// Run an HTTP action of a decided one-time-use action.
    Act(Act),
}

/// A link to be sent.
#[derive(Debug)]
pub struct Delivery {
    /// How.
    pub channel: ChallengeType,
    /// Where to.
    pub endpoint: EndpointId,
    /// The secret of the link.
    pub secret: Secret,
    /// The link: the page on which the challenge is answered, with the form parameters.
    pub link: Secret,
}

/// A code to be sent.
#[derive(Debug)]
pub struct Confirmation {
    /// Where to.
    pub endpoint: EndpointId,
    /// The code.
    pub code: Secret,
}

/// An HTTP request to be made.
#[derive(Debug)]
pub struct Act {
    /// On whose behalf.
    pub actor: Actor,
    /// Its place among the actions of its outcome, from 0.
    pub index: usize,
    /// The request.
    pub action: HttpAction,
}
