//! What happened, for audit and metrics.

use std::fmt::Debug;

use crate::challenge::{Challenge, Outcome, Refused};
use crate::enrollment::Enrollment;
use crate::id::{ChallengeId, EnrollmentId};
use crate::owner::Owner;
use crate::purpose::Purpose;
use crate::step_up::StepUpRefusal;
use crate::subject::Factor;
use crate::webauthn::Rejected;

/// Something that happened. It never holds a secret; the id of a challenge, which it may hold, is a capability though,
/// so keep what you log of it where only those look who may act on it.
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
    /// An enrollment was deleted.
    EnrollmentDeleted(EnrollmentId),
    /// The failures of a factor of a user were forgotten by an administrator.
    FactorReset(&'a Owner, Factor),
    /// A token was made of a passed challenge, which opens what it was passed for.
    StepUpGranted(&'a Challenge),
    /// A token did not open what that user showed it for.
    StepUpRefused(&'a Owner, &'a Purpose, StepUpRefusal),
}

/// Is told of what happened, after it was stored, as best as can be: what a crash keeps from being told is lost.
///
/// It is called on the path of the request, so it should hand on and return.
pub trait Observer: Debug + Send + Sync + 'static {
    /// Takes note of something.
    fn observe(&self, observation: &Observation<'_>);
}

impl Observer for () {
    fn observe(&self, _: &Observation<'_>) {}
}

impl<O: Observer + ?Sized> Observer for std::sync::Arc<O> {
    fn observe(&self, observation: &Observation<'_>) {
        (**self).observe(observation);
    }
}
