//! Who carries out what the outbox asks for.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use crate::address::Origin;
use crate::challenge::{Actor, HttpAction};
use crate::endpoint::{PhoneNumber, PushSubscription};
use crate::id::{ChallengeId, OutboxId};
use crate::owner::Owner;
use crate::secret::Secret;

/// Sends messages and runs HTTP actions. `challenges-delivery` has one; a host may bring its own.
///
/// # Contract
///
/// A job may be performed more than once: after a crash, a lost reply or a failed store. [`Job::id`] is the same each time,
/// so hand it on as the idempotency key. Answer within [`Job::within`]: later the job may already be somebody else's.
///
/// # What a wrong courier lets an attacker do
///
/// One that follows redirects, or connects to whatever a name resolves to, lets whoever creates actions or registers
/// subscriptions reach the host's own network. One that says [`Receipt`] before the other side did hides that an approved
/// action never ran.
#[async_trait]
pub trait Courier: Debug + Send + Sync + 'static {
    /// Performs a job once.
    ///
    /// # Errors
    ///
    /// [`Failure`] when it was not performed, or nobody knows whether it was.
    async fn perform(&self, job: &Job) -> Result<Receipt, Failure>;
}

/// Something to be sent or done now.
#[derive(Debug)]
#[non_exhaustive]
pub struct Job {
    /// Its id: the idempotency key, the same at every attempt.
    pub id: OutboxId,
    /// Whose challenge or endpoint it is about.
    pub owner: Owner,
    /// The challenge; absent for the confirmation of a phone number.
    pub challenge: Option<ChallengeId>,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// How long the attempt may take.
    pub within: Duration,
    /// What to do.
    pub errand: Errand,
}

impl Job {
    /// The first attempt at an errand, to be done within ten seconds; for tests of a courier.
    #[must_use]
    pub const fn new(id: OutboxId, owner: Owner, challenge: Option<ChallengeId>, errand: Errand) -> Self {
        Self { id, owner, challenge, attempt: 1, within: Duration::from_secs(10), errand }
    }
}

/// What a [`Job`] asks for.
#[derive(Debug)]
#[non_exhaustive]
pub enum Errand {
    /// Send a text message.
    Sms {
        /// To that number.
        to: PhoneNumber,
        /// What it says.
        message: Message,
    },
    /// Send a push message (RFC 8030).
    Push {
        /// To that subscription.
        to: PushSubscription,
        /// What it says.
        message: Message,
    },
    /// Make the HTTP request of a decided one-time-use action.
    Act {
        /// On whose behalf.
        actor: Actor,
        /// The request.
        action: HttpAction,
    },
}

/// What a message to a user says.
#[derive(Debug)]
#[non_exhaustive]
pub enum Message {
    /// Open this link to answer a challenge.
    Link {
        /// The link; its query holds the secret.
        link: Secret,
        /// Where the challenge comes from, as its creator said.
        origin: Option<Origin>,
        /// How long the link is good for from now on.
        remaining: Duration,
    },
    /// Type this code where you registered this phone number.
    Confirmation {
        /// The code.
        code: Secret,
        /// How long the code is good for from now on.
        remaining: Duration,
    },
}

/// That a job was performed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// The HTTP status that the other side answered with.
    pub status: Option<u16>,
}

impl Receipt {
    /// That the other side answered with that HTTP status.
    #[must_use]
    pub const fn of_status(status: u16) -> Self {
        Self { status: Some(status) }
    }
}

/// Why a job was not performed, as far as is known.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
#[non_exhaustive]
pub struct Failure {
    /// What follows from it.
    pub then: Retry,
    /// The HTTP status that the other side answered with.
    pub status: Option<u16>,
    /// What went wrong, without any secret.
    pub reason: Box<dyn std::error::Error + Send + Sync>,
}

/// What follows from a [`Failure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// Try again later; not before so much time has passed, where the other side said so.
    Later(Option<Duration>),
    /// It fails however often it is tried.
    Never,
    /// The address does not exist any more: forget it, and never try again.
    AddressGone,
}

impl Failure {
    /// A failure for that reason.
    pub fn new(then: Retry, reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { then, status: None, reason: reason.into() }
    }

    /// The same, with the HTTP status that the other side answered with.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }
}
