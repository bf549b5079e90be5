use super::{Observation, Observer};
use crate::id::{ChallengeId, Id};
use crate::outbox::OutboxOutcome;
use crate::owner::Owner;

/// Logs each observation as one event of `tracing`, with the target `challenges`: at level `WARN` where
/// [`Labels::warning`](super::Labels::warning) says so, at `INFO` otherwise.
///
/// The fields are the labels, `tenant` and `user` where the observation tells whose it is, the `id` of an enrollment, endpoint
/// or outbox entry, and `detail`: until when a factor is locked, how long a message is held up, how many records were swept or sealed anew, or
/// the message of an error. Names of users are personal data; no field is a secret. The id of a challenge is a capability, so
/// `challenge` is its [`prefix`](ChallengeId::prefix).
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct TracingObserver;

impl TracingObserver {
    /// One that logs to the subscriber of whoever calls the service.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Observer for TracingObserver {
    fn observe(&self, observation: &Observation<'_>) {
        let labels = observation.labels();
        let subject = Subject::of(observation);
        let owner = subject.owner;
        macro_rules! log {
            ($level:ident) => {
                ::tracing::event!(
                    target: "challenges",
                    ::tracing::Level::$level,
                    event = labels.event,
                    kind = Some(labels.kind).filter(|kind| !kind.is_empty()),
                    reason = Some(labels.reason).filter(|reason| !reason.is_empty()),
                    tenant = owner.map(Owner::tenant).filter(|tenant| !tenant.is_empty()),
                    user = owner.map(Owner::user_id),
                    challenge = subject.challenge.map(|id| ::tracing::field::display(id.prefix())),
                    id = subject.id.map(::tracing::field::display),
                    detail = detail(observation).map(::tracing::field::display),
                )
            };
        }
        if labels.warning { log!(WARN) } else { log!(INFO) }
    }
}

/// What an observation is about.
#[derive(Default)]
struct Subject<'a> {
    owner: Option<&'a Owner>,
    challenge: Option<ChallengeId>,
    id: Option<Id>,
}

impl<'a> Subject<'a> {
    fn of(observation: &'a Observation<'_>) -> Self {
        match observation {
            Observation::ChallengeCreated(challenge)
            | Observation::ChallengeMoved(challenge, _)
            | Observation::ChallengeExhausted(challenge)
            | Observation::StepUpGranted(challenge) => {
                Self { owner: Some(challenge.owner()), challenge: Some(challenge.id()), id: None }
            }
            Observation::AssertionFault(challenge, enrollment, _) => {
                Self { owner: Some(challenge.owner()), challenge: Some(challenge.id()), id: Some(enrollment.0) }
            }
            Observation::ChallengeDeleted(challenge)
            | Observation::AnswerRefused(challenge, _)
            | Observation::AnswerUndecided(challenge, _) => Self { challenge: Some(*challenge), ..Self::default() },
            Observation::EnrollmentCreated(enrollment)
            | Observation::EnrollmentCompleted(enrollment)
            | Observation::EnrollmentAnswerWrong(enrollment, _) => {
                Self { owner: Some(enrollment.owner()), challenge: None, id: Some(enrollment.id().0) }
            }
            Observation::EnrollmentAnswerRefused(id, _)
            | Observation::EnrollmentAnswerUndecided(id, _)
            | Observation::EnrollmentDeleted(id) => Self { id: Some(id.0), ..Self::default() },
            Observation::Outbox { id, owner, challenge, .. } => {
                Self { owner: Some(owner), challenge: *challenge, id: Some(id.0) }
            }
            Observation::OutboxUnreadable(id, _)
            | Observation::DeadLetterRetried(id)
            | Observation::DeadLetterDiscarded(id) => Self { id: Some(id.0), ..Self::default() },
            Observation::EndpointRegistered(endpoint)
            | Observation::EndpointCodeSent(endpoint)
            | Observation::EndpointConfirmed(endpoint)
            | Observation::EndpointAnswerWrong(endpoint)
            | Observation::EndpointSwitched(endpoint) => {
                Self { owner: Some(endpoint.owner()), challenge: None, id: Some(endpoint.id().0) }
            }
            Observation::EndpointAnswerRefused(id, _)
            | Observation::EndpointAnswerUndecided(id, _)
            | Observation::EndpointDeleted(id)
            | Observation::EndpointGone(id) => Self { id: Some(id.0), ..Self::default() },
            Observation::SendLimited { owner, .. }
            | Observation::FactorDelayed(owner, ..)
            | Observation::FactorDisabled(owner, _)
            | Observation::FactorReset(owner, _)
            | Observation::StepUpRefused(owner, ..) => Self { owner: Some(owner), ..Self::default() },
            Observation::StepUpUsed(step_up) => {
                Self { owner: Some(step_up.owner()), challenge: Some(step_up.challenge()), id: None }
            }
            Observation::Swept(_) | Observation::Resealed(_) => Self::default(),
        }
    }
}

/// What else there is to say. Of an error it is the message alone: the sources of one may quote what was read.
fn detail(observation: &Observation<'_>) -> Option<String> {
    match observation {
        Observation::AnswerUndecided(_, error)
        | Observation::EnrollmentAnswerUndecided(_, error)
        | Observation::EndpointAnswerUndecided(_, error)
        | Observation::OutboxUnreadable(_, error) => Some(error.to_string()),
        Observation::Outbox { outcome: OutboxOutcome::Retried { failure, .. }, .. } => Some(failure.to_string()),
        Observation::Outbox { outcome: OutboxOutcome::DeadLettered(failure), .. } => failure.map(ToString::to_string),
        Observation::SendLimited { wait, .. } => Some(format!("again in {} s", wait.as_secs())),
        Observation::FactorDelayed(_, _, until) => Some(format!("until {} s after the epoch", until.as_seconds())),
        Observation::StepUpRefused(_, purpose, _) => Some(format!("for {}", purpose.as_str())),
        Observation::Swept(records) => Some(records.to_string()),
        Observation::Resealed(page) => Some(format!(
            "{} of {} sealed anew, {} busy, {} unreadable",
            page.resealed,
            page.looked_at,
            page.busy,
            page.unopened.len()
        )),
        _ => None,
    }
}
