use super::notice::Notice;
use crate::addresses::Address;
use crate::approvals::HttpAction;
use crate::challenge_type::ChallengeType;
use crate::id::{ChallengeId, EndpointId, OutboxId};
use crate::owner::Owner;
use crate::secret::Secret;
use crate::time::Timestamp;

/// An entry of the outbox, with secrets opened. A dead letter is an entry that failed for good and waits for a decision
/// of the host.
#[derive(Debug)]
#[non_exhaustive]
pub struct OutboxEntry {
    /// The id, also the idempotency key of the task.
    pub id: OutboxId,
    /// The user.
    pub owner: Owner,
    /// The challenge; `None` for the confirmation of an address and for notices.
    pub challenge: Option<ChallengeId>,
    /// The number of attempts, including a current attempt.
    pub attempts: u32,
    /// The time of the next attempt. During an attempt, the end of the lease: from then on another dispatcher may take
    /// over.
    pub due: Timestamp,
    /// When attempts end.
    pub until: Timestamp,
    /// When the entry became a dead letter; `None` for any other entry.
    pub died: Option<Timestamp>,
    /// The HTTP status of the last response to a dead letter.
    pub status: Option<u16>,
    /// The task.
    pub task: Task,
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
        /// The short code beside the link.
        code: Option<Secret>,
        /// The link: the answer page, with the form parameters. The secret is in the query, or in the fragment for
        /// e-mail.
        link: Secret,
    },
    /// Send the confirmation code of a phone number or e-mail address.
    Confirm {
        /// The receiving endpoint.
        endpoint: EndpointId,
        /// The code.
        code: Secret,
    },
    /// Tell the user about a change of the account.
    Notice {
        /// The change, made at the creation of the entry.
        notice: Notice,
        /// The receiving endpoint, with the address before the change; `None` for the host.
        to: Option<(EndpointId, Address)>,
    },
    /// Run an HTTP action of a decided one-time-use action.
    Act {
        /// The deciding actor, on whose behalf the action runs.
        actor: Owner,
        /// The position among the actions of the outcome, from 0.
        index: usize,
        /// The HTTP request.
        action: HttpAction,
    },
}
