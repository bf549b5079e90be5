//! What happened, for audit and metrics.

mod composition;
mod labels;
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(feature = "tracing")]
mod tracing;

#[cfg(feature = "metrics")]
pub use self::metrics::MetricsObserver;
#[cfg(feature = "tracing")]
pub use self::tracing::TracingObserver;
pub use labels::Labels;

use std::fmt::Debug;
use std::time::Duration;

use crate::challenge::{Challenge, Outcome, Refused};
use crate::endpoint::Endpoint;
use crate::enrollment::Enrollment;
use crate::error::Error;
use crate::id::{ChallengeId, EndpointId, EnrollmentId, OutboxId};
use crate::outbox::OutboxOutcome;
use crate::owner::Owner;
use crate::purpose::Purpose;
use crate::resealed::Resealed;
use crate::sends::SendLimit;
use crate::step_up::{StepUp, StepUpRefusal};
use crate::subject::Factor;
use crate::time::Timestamp;
use crate::webauthn::Rejected;

/// Something that happened. It never holds a secret; the id of a challenge, which it may hold, is a capability though,
/// so keep what you log of it where only those look who may act on it, or log its [`ChallengeId::prefix`].
///
/// Every answer that is given ends in exactly one of these: [`ChallengeMoved`](Self::ChallengeMoved) as passed, declined or
/// wrong, [`AnswerRefused`](Self::AnswerRefused), or [`AnswerUndecided`](Self::AnswerUndecided). A challenge whose time
/// runs out without anybody answering or looking moves silently: that it is over is read from the clock.
#[derive(Debug)]
#[non_exhaustive]
pub enum Observation<'a> {
    /// A challenge was created.
    ChallengeCreated(&'a Challenge),
    /// A challenge moved; this is how it stands now.
    ChallengeMoved(&'a Challenge, Outcome),
    /// A challenge was deleted.
    ChallengeDeleted(ChallengeId),
    /// An answer was refused without being compared with anything. It was charged to nobody.
    AnswerRefused(ChallengeId, Refused),
    /// An answer was not decided, and nothing handed out: there is no such challenge, or the store or a key failed.
    AnswerUndecided(ChallengeId, &'a Error),
    /// With the wrong answer that was just observed a challenge has taken as many as it takes.
    ChallengeExhausted(&'a Challenge),
    /// An assertion of that enrollment did not pass a step of the ceremony, and was counted as a wrong answer. With
    /// [`SignCountPolicy::Report`](crate::SignCountPolicy::Report) it is also told of an assertion that was accepted
    /// although its counter did not grow.
    AssertionFault(&'a Challenge, EnrollmentId, Rejected),
    /// An enrollment was created; it is pending.
    EnrollmentCreated(Enrollment<'a>),
    /// An enrollment was completed.
    EnrollmentCompleted(Enrollment<'a>),
    /// A wrong code was given to complete an enrollment, or a response that does not pass that step of the registration
    /// ceremony. It was counted.
    EnrollmentAnswerWrong(Enrollment<'a>, Option<Rejected>),
    /// An answer to complete an enrollment was refused without being compared with anything.
    EnrollmentAnswerRefused(EnrollmentId, Refused),
    /// An answer to complete an enrollment was not decided: the user has no such enrollment, or the store or a key failed.
    EnrollmentAnswerUndecided(EnrollmentId, &'a Error),
    /// An enrollment was deleted.
    EnrollmentDeleted(EnrollmentId),
    /// An entry of the outbox was performed, put off, given up or dropped.
    Outbox {
        /// The entry.
        id: OutboxId,
        /// Whose it is.
        owner: &'a Owner,
        /// The challenge that it is of.
        challenge: Option<ChallengeId>,
        /// What became of it.
        outcome: &'a OutboxOutcome<'a>,
    },
    /// An entry of the outbox cannot be read here; it is looked at again later. Is a key missing, or was it written by a
    /// newer version?
    OutboxUnreadable(OutboxId, &'a Error),
    /// A message was not sent, or not queued, since too many were of late; more may follow after that time. What was queued
    /// already is attempted again then, or given up where that is too late.
    SendLimited {
        /// Whose message it is.
        owner: &'a Owner,
        /// The limit that it would have exceeded.
        limit: SendLimit,
        /// How long until there is room again.
        wait: Duration,
    },
    /// A dead letter was put back into the outbox.
    DeadLetterRetried(OutboxId),
    /// A dead letter was thrown away.
    DeadLetterDiscarded(OutboxId),
    /// An endpoint was registered; a phone number may have to be confirmed yet.
    EndpointRegistered(&'a Endpoint),
    /// A code to confirm a phone number was queued.
    EndpointCodeSent(&'a Endpoint),
    /// A phone number was confirmed.
    EndpointConfirmed(&'a Endpoint),
    /// A wrong code was given to confirm a phone number. It was counted.
    EndpointAnswerWrong(&'a Endpoint),
    /// A code to confirm a phone number was refused without being compared with anything.
    EndpointAnswerRefused(EndpointId, Refused),
    /// A code to confirm a phone number was not decided on: the user has no such endpoint, or the store or a key failed.
    EndpointAnswerUndecided(EndpointId, &'a Error),
    /// An endpoint was enabled or disabled, as it says.
    EndpointSwitched(&'a Endpoint),
    /// An endpoint was removed by its user or the host.
    EndpointDeleted(EndpointId),
    /// An endpoint was removed, since its address does not exist any more.
    EndpointGone(EndpointId),
    /// After too many failures in a row, no answer by that factor of a user is compared before that time.
    FactorDelayed(&'a Owner, Factor, Timestamp),
    /// After far too many failures in a row, no answer by that factor of a user is compared until it is reset.
    FactorDisabled(&'a Owner, Factor),
    /// The failures of a factor of a user were forgotten by an administrator.
    FactorReset(&'a Owner, Factor),
    /// A token was made of a passed challenge, which opens what it was passed for.
    StepUpGranted(&'a Challenge),
    /// A token that is good for once was used.
    StepUpUsed(&'a StepUp),
    /// A token did not open what that user showed it for.
    StepUpRefused(&'a Owner, &'a Purpose, StepUpRefusal),
    /// So many records that had expired were deleted.
    Swept(usize),
    /// A walk that seals anew is a page further, or at its end.
    Resealed(&'a Resealed),
}

/// Is told of what happened, after it was stored, as best as can be: what a crash keeps from being told is lost.
///
/// It is called on the path of the request, so it should hand on and return.
pub trait Observer: Debug + Send + Sync + 'static {
    /// Takes note of something.
    fn observe(&self, observation: &Observation<'_>);
}
