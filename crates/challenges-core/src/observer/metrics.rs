use super::{Observation, Observer};
use crate::challenge::Outcome;

const EVENTS: &str = "challenges_events_total";
const ANSWER_TIME: &str = "challenges_answer_seconds";
const SWEPT: &str = "challenges_swept_records_total";
const RESEALED: &str = "challenges_resealed_records_total";

/// Counts observations through the `metrics` facade, to the recorder that the host has installed.
///
/// | name | | labels |
/// |---|---|---|
/// | `challenges_events_total` | counter | `event`, `kind` and `reason`: the [`Labels`](super::Labels) of each observation |
/// | `challenges_answer_seconds` | histogram, seconds | `kind`, and `reason`: `passed` or `declined`; the time from the creation of a challenge to the right answer |
/// | `challenges_swept_records_total` | counter | none; records deleted by [`Challenges::sweep`](crate::Challenges::sweep) |
/// | `challenges_resealed_records_total` | counter | none; records sealed anew by [`Challenges::reseal`](crate::Challenges::reseal) |
///
/// Labels are fixed words, never an id or a name.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct MetricsObserver;

impl MetricsObserver {
    /// One that counts; it describes the metrics to the recorder, so install that first.
    #[must_use]
    pub fn new() -> Self {
        ::metrics::describe_counter!(EVENTS, "what happened to challenges, enrollments, endpoints and the outbox");
        ::metrics::describe_histogram!(
            ANSWER_TIME,
            ::metrics::Unit::Seconds,
            "from the creation of a challenge to its right answer"
        );
        ::metrics::describe_counter!(SWEPT, "expired records that were deleted");
        ::metrics::describe_counter!(RESEALED, "records that were sealed anew under the active key");
        Self
    }
}

impl Observer for MetricsObserver {
    fn observe(&self, observation: &Observation<'_>) {
        let labels = observation.labels();
        ::metrics::counter!(EVENTS, "event" => labels.event, "kind" => labels.kind, "reason" => labels.reason)
            .increment(1);
        match observation {
            Observation::ChallengeMoved(challenge, Outcome::Passed | Outcome::Declined) => {
                if let Some(answered) = challenge.answered_at() {
                    ::metrics::histogram!(ANSWER_TIME, "kind" => labels.kind, "reason" => labels.reason)
                        .record(challenge.created().until(answered).as_secs_f64());
                }
            }
            Observation::Swept(records) => {
                ::metrics::counter!(SWEPT).increment(u64::try_from(*records).unwrap_or(u64::MAX));
            }
            Observation::Resealed(page) => {
                ::metrics::counter!(RESEALED).increment(u64::try_from(page.resealed).unwrap_or(u64::MAX));
            }
            _ => {}
        }
    }
}
