use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::error::Invalid;
use crate::observer::Observation;
use crate::owner::Owner;
use crate::policy::SendLimit;
use crate::time::{SKEW, Timestamp};

/// The sends within a window. The first send begins the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sends {
    count: u32,
    since: Timestamp,
    last: Timestamp,
}

impl Sends {
    pub(super) const fn none(now: Timestamp) -> Self {
        Self { count: 0, since: now, last: now }
    }

    /// Returns the sends of an unfinished window, else an empty window. A window beginning far in the future was
    /// written by a wrong clock and is dropped.
    pub(super) fn current(self, window: Duration, now: Timestamp) -> Self {
        let is_current = self.since <= now.after(SKEW) && now < self.since.after(window);
        if is_current { self } else { Self::none(now) }
    }

    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// Returns the number of sends left out of `max`.
    pub(super) const fn room(&self, max: u32) -> u32 {
        max.saturating_sub(self.count)
    }

    /// Returns the time until the window ends.
    pub(super) fn remaining(&self, window: Duration, now: Timestamp) -> Duration {
        now.until(self.end(window))
    }

    /// Returns the time until another send may follow the last one. A last send in the future was stored by a clock that
    /// ran ahead, and is not waited for.
    pub(super) fn cool_down_left(&self, cool_down: Duration, now: Timestamp) -> Duration {
        let counts = self.count > 0 && self.last <= now.after(SKEW);
        if counts { now.until(self.last.after(cool_down)).min(cool_down) } else { Duration::ZERO }
    }

    /// Returns the sends with `more` added.
    pub(super) fn with(self, more: u32, now: Timestamp) -> Self {
        Self { count: self.count.saturating_add(more), last: now, ..self }
    }

    /// Ends the cool-down, if the last send was made at `sent`. Returns whether it was.
    pub(super) fn forgive_cool_down(&mut self, sent: Timestamp) -> bool {
        let is_last = self.last == sent;
        if is_last {
            self.last = Timestamp::default();
        }
        is_last
    }

    /// Returns when the sends stop counting.
    pub(super) fn end(&self, window: Duration) -> Timestamp {
        self.since.after(window)
    }
}

/// Observes that a limit of the user held a message back, and returns the error with the seconds to wait, rounded up.
pub(crate) fn refuse_send(engine: &Engine, owner: &Owner, wait: Duration) -> Invalid {
    engine.observe(&Observation::SendLimited { owner, limit: SendLimit::User.as_str(), wait });
    let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
    Invalid::TooManyMessages { wait: seconds }
}

#[cfg(test)]
mod tests;
