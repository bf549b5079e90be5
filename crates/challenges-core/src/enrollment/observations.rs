use super::{Enrollment, EnrollmentFactor};
use crate::engine::Engine;
use crate::error::{Error, Refused, Rejected};
use crate::id::EnrollmentId;
use crate::observer::Observation;
use crate::owner::Owner;

pub(super) fn observe_created<F: EnrollmentFactor>(engine: &Engine, enrollment: &Enrollment<F>) {
    engine.observe(&Observation::EnrollmentCreated {
        enrollment: enrollment.id(),
        owner: enrollment.owner(),
        kind: F::CHALLENGE_TYPE,
    });
}

pub(crate) fn observe_completed<F: EnrollmentFactor>(engine: &Engine, enrollment: &Enrollment<F>) {
    engine.observe(&Observation::EnrollmentCompleted {
        enrollment: enrollment.id(),
        owner: enrollment.owner(),
        kind: F::CHALLENGE_TYPE,
    });
}

pub(super) fn observe_deleted<F: EnrollmentFactor>(engine: &Engine, enrollment: &Enrollment<F>) {
    engine.observe(&Observation::EnrollmentDeleted {
        enrollment: enrollment.id(),
        owner: enrollment.owner(),
        kind: F::CHALLENGE_TYPE,
    });
}

pub(crate) fn observe_wrong<F: EnrollmentFactor>(
    engine: &Engine,
    owner: &Owner,
    enrollment: EnrollmentId,
    reason: Option<Rejected>,
) {
    engine.observe(&Observation::EnrollmentAnswerWrong { enrollment, owner, kind: F::CHALLENGE_TYPE, reason });
}

pub(crate) fn observe_refused(engine: &Engine, owner: &Owner, enrollment: EnrollmentId, reason: Refused) {
    engine.observe(&Observation::EnrollmentAnswerRefused { enrollment, owner, reason });
}

pub(crate) fn observe_undecided(engine: &Engine, owner: &Owner, enrollment: EnrollmentId, error: &Error) {
    engine.observe(&Observation::EnrollmentAnswerUndecided { enrollment, owner, error });
}
