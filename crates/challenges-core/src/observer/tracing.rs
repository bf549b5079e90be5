use super::{Observation, Observer};
use crate::owner::Owner;

/// Logs each event as a `tracing` event with the target `challenges`: at `WARN` if
/// [`Labels::warning`](super::Labels::warning) is set, else at `INFO`.
///
/// The fields match the [serialized](Observation) event. User names are personal data. No field is a secret:
/// `challenge` holds the [prefix](crate::ChallengeId::prefix) of the id.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct TracingObserver;

impl TracingObserver {
    /// Returns an observer that logs to the subscriber of the calling task.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Observer for TracingObserver {
    fn observe(&self, observation: &Observation<'_>) {
        let labels = observation.labels();
        let owner = observation.owner();
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
                    challenge = observation.challenge().map(|id| ::tracing::field::display(id.prefix())),
                    id = observation.record_id().map(::tracing::field::display),
                    detail = observation.detail().map(::tracing::field::display),
                )
            };
        }
        if labels.warning { log!(WARN) } else { log!(INFO) }
    }
}

/// Logs the reason of an event at `DEBUG`, with the target `challenges_core`, whether or not the host has an observer.
///
/// Callers never learn why an answer was refused, so developers without an observer read the log.
pub(crate) fn log_reason(observation: &Observation<'_>) {
    let labels = observation.labels();
    if !labels.reason.is_empty() {
        ::tracing::debug!(
            target: "challenges_core",
            challenge = observation.challenge().map(|id| ::tracing::field::display(id.prefix())),
            "{}: {}",
            labels.event,
            labels.reason,
        );
    }
}
