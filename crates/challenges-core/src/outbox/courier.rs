use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use super::notice::Notice;
use crate::addresses::{EmailAddress, PhoneNumber, PushSubscription};
use crate::approvals::HttpAction;
use crate::failure::Failure;
use crate::id::{ChallengeId, OutboxId};
use crate::owner::Owner;
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::uri::Origin;

/// Sends messages and runs HTTP actions. `challenges-delivery` provides a courier; a host may write its own.
///
/// # Contract
///
/// - A job may be performed more than once: after a crash, a lost response or a failed store. [`Job::id`] is the same
///   at every attempt, so pass the id on as the idempotency key.
/// - Return within [`Job::timeout`]. After that, another dispatcher may have taken over the job.
///
/// # What a wrong courier lets an attacker do
///
/// | the courier | the attacker |
/// |---|---|
/// | follows redirects, or connects to any address that a name resolves to | reaches the internal network of the host, by creating an action or registering a subscription |
/// | returns `Ok` before the receiver has confirmed | benefits from an approved action that silently never ran |
#[async_trait]
pub trait Courier: Debug + Send + Sync + 'static {
    /// Performs a job once. Returns the HTTP status of the response, if any, for the
    /// [result](crate::approvals::ActionResult) and the log.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the job was not performed, or the outcome is unknown.
    async fn perform(&self, job: &Job) -> Result<Option<u16>, Failure>;
}

/// An attempt at an outbox entry.
#[derive(Debug)]
#[non_exhaustive]
pub struct Job {
    /// The idempotency key, the same at every attempt.
    pub id: OutboxId,
    /// The user of the challenge or endpoint.
    pub owner: Owner,
    /// The challenge; `None` for the confirmation of an address and for notices.
    pub challenge: Option<ChallengeId>,
    /// The number of this attempt, from 1.
    pub attempt: u32,
    /// The time limit of the attempt.
    pub timeout: Duration,
    /// The errand.
    pub errand: Errand,
}

impl Job {
    /// Returns the first attempt at an errand, with a time limit of ten seconds. Meant for tests of couriers.
    #[must_use]
    pub const fn new(id: OutboxId, owner: Owner, challenge: Option<ChallengeId>, errand: Errand) -> Self {
        Self { id, owner, challenge, attempt: 1, timeout: Duration::from_secs(10), errand }
    }
}

/// The errand of a [`Job`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Errand {
    /// Send a text message.
    Sms {
        /// The receiving number.
        to: PhoneNumber,
        /// The message.
        message: Message,
    },
    /// Send an e-mail.
    Email {
        /// The receiving address.
        to: EmailAddress,
        /// The message.
        message: Message,
    },
    /// Send a push message (RFC 8030).
    Push {
        /// The receiving subscription.
        to: PushSubscription,
        /// The message.
        message: Message,
    },
    /// Tell the user about a change of the account, by a message of the host. Only with
    /// [`Policy::notify_host`](crate::Policy::notify_host).
    Notice {
        /// The change.
        notice: Notice,
        /// The time of the change.
        at: Timestamp,
    },
    /// Send the HTTP request of a decided one-time-use action.
    Act {
        /// The deciding actor, on whose behalf the request is sent.
        actor: Owner,
        /// The request.
        action: HttpAction,
    },
}

/// A message to a user.
#[derive(Debug)]
#[non_exhaustive]
pub enum Message {
    /// Asks the user to open a link and answer a challenge.
    Link {
        /// The link. The secret is in the query, or in the fragment for e-mail.
        link: Secret,
        /// The short code to show beside the link, if the policy sends one.
        code: Option<Secret>,
        /// The origin of the challenge, as stated by the creator.
        origin: Option<Origin>,
        /// The time until the link expires.
        remaining: Duration,
    },
    /// Asks the user to enter a code on the page that registered the phone number or e-mail address.
    Confirmation {
        /// The code.
        code: Secret,
        /// The time until the code expires.
        remaining: Duration,
    },
    /// Tells the user about a change of the account. The message has no secret and no link, so that users do not learn
    /// to follow links in such messages.
    Notice {
        /// The change.
        notice: Notice,
        /// The time of the change.
        at: Timestamp,
        /// The time until the notice is dropped.
        remaining: Duration,
    },
}
