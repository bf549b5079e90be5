use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::time::{SKEW, Timestamp};

/// The time after which a clock that runs behind the latest time is trusted again.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60);

/// The latest time seen by this process.
///
/// When the clock falls back, the latest time stays in force for [`FORGOTTEN_AFTER`], measured by the same clock. Then
/// the clock is trusted again. Without this bound, a clock briefly an hour ahead would stop the service for an hour.
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
        // The readings change in one assignment, so a poisoned lock still guards sound readings.
        let mut readings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if clock.after(SKEW) >= readings.latest {
            *readings = Readings { latest: readings.latest.max(clock), behind: None };
            return readings.latest;
        }
        let run = match readings.behind {
            Some(run) if clock.after(SKEW) >= run.last => Run { last: run.last.max(clock), ..run },
            // The first reading behind, or the clock fell back once more.
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
