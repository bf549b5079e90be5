use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::time::{SKEW, Timestamp};

/// The time for which a clock has to run behind the latest time before the latest time is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60);

/// The latest time seen by this process.
///
/// A clock that falls back leaves the latest time in force for [`FORGOTTEN_AFTER`], measured by that clock. From then on
/// the clock is right: without this bound, a clock an hour ahead for a moment would stop the service for an hour.
#[derive(Debug, Default)]
pub(super) struct LatestTime(Mutex<Readings>);

#[derive(Debug, Default)]
struct Readings {
    latest: Timestamp,
    behind: Option<Run>,
}

/// The consecutive readings more than [`SKEW`] behind the latest time.
#[derive(Clone, Copy, Debug)]
struct Run {
    first: Timestamp,
    last: Timestamp,
}

impl LatestTime {
    /// Takes a reading of the clock, and returns the latest time.
    pub(super) fn take(&self, clock: Timestamp) -> Timestamp {
        // No code panics halfway through a change, so a poisoned lock still guards sound readings.
        let mut readings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if clock.after(SKEW) >= readings.latest {
            *readings = Readings { latest: readings.latest.max(clock), behind: None };
            return readings.latest;
        }
        let run = match readings.behind {
            Some(run) if clock.after(SKEW) >= run.last => Run { last: run.last.max(clock), ..run },
            // The clock fell back once more.
            Some(_) | None => Run { first: clock, last: clock },
        };
        *readings = match run.first.until(run.last) >= FORGOTTEN_AFTER {
            true => Readings { latest: run.last, behind: None },
            false => Readings { latest: readings.latest, behind: Some(run) },
        };
        readings.latest
    }
}

#[cfg(test)]
mod tests;
