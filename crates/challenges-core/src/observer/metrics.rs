use super::{Observation, Observer};
use crate::state::Outcome;

const EVENTS: &str = "challenges_events_total";
const ANSWER_TIME: &str = "challenges_answer_seconds";
const SWEPT: &str = "challenges_swept_records_total";
const RESEALED: &str = "challenges_resealed_records_total";

/// Counts events through the `metrics` facade, to the recorder installed by the host.
///
/// | name | type | labels |
/// |---|---|---|
/// | `challenges_events_total` | counter | `event`, `kind` and `reason`: the [`Labels`](super::Labels) of each event |
/// | `challenges_answer_seconds` | histogram, seconds | `kind`, and `reason`: `passed` or `declined`; from creation to the correct answer |
/// | `challenges_swept_records_total` | counter | none; records deleted by [`Challenges::sweep`](crate::Challenges::sweep) |
/// | `challenges_resealed_records_total` | counter | none; records sealed again by [`Challenges::reseal`](crate::Challenges::reseal) |
///
/// Labels are fixed words, never ids or names.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct MetricsObserver;

impl MetricsObserver {
    /// Returns an observer, and describes the metrics to the recorder. Install the recorder first.
    #[must_use]
    pub fn new() -> Self {
        ::metrics::describe_counter!(EVENTS, "events of challenges, enrollments, endpoints and the outbox");
        ::metrics::describe_histogram!(
            ANSWER_TIME,
            ::metrics::Unit::Seconds,
            "from the creation of a challenge to its correct answer"
        );
        ::metrics::describe_counter!(SWEPT, "expired records that were deleted");
        ::metrics::describe_counter!(RESEALED, "records that were sealed again under the active key");
        Self
    }
}

impl Observer for MetricsObserver {
    fn observe(&self, observation: &Observation<'_>) {
        let labels = observation.labels();
        ::metrics::counter!(EVENTS, "event" => labels.event, "kind" => labels.kind, "reason" => labels.reason)
            .increment(1);
        if let Observation::ChallengeMoved { outcome: Outcome::Passed | Outcome::Declined, age, .. } = observation {
            ::metrics::histogram!(ANSWER_TIME, "kind" => labels.kind, "reason" => labels.reason)
                .record(age.as_secs_f64());
        }
        if let Observation::Swept { records } = observation {
            ::metrics::counter!(SWEPT).increment(u64::try_from(*records).unwrap_or(u64::MAX));
        }
        if let Observation::Resealed { report } = observation {
            ::metrics::counter!(RESEALED).increment(u64::try_from(report.resealed).unwrap_or(u64::MAX));
        }
    }
}
