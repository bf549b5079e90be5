//! What was sent of late: to a user, to an address, and in all.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::{SKEW, Timestamp};

/// Which limit kept a message from being sent. See [`SendPolicy`](crate::SendPolicy).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SendLimit {
    /// That of the user, or the pause after the last message.
    User,
    /// That of the address.
    Destination,
    /// That of all messages together.
    Total,
}

/// Sends within a window that begins with the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sends {
    count: u32,
    since: Timestamp,
    last: Timestamp,
}

impl Sends {
    /// None yet.
    pub(crate) const fn none(now: Timestamp) -> Self {
        Self { count: 0, since: now, last: now }
    }

    /// The sends of a window that is not over; a new window otherwise. One that begins far in the future was
    /// written by a clock that was wrong.
    pub(crate) fn current(self, window: Duration, now: Timestamp) -> Self {
        let current = self.since <= now.after(SKEW) && now < self.since.after(window);
        if current { self } else { Self::none(now) }
    }

    /// How many more may follow, of so many in all.
    pub(crate) const fn left(&self, most: u32) -> u32 {
        most.saturating_sub(self.count)
    }

    /// How long until the window is over.
    pub(crate) fn until_over(&self, window: Duration, now: Timestamp) -> Duration {
        now.until(self.since.after(window))
    }

    /// How long until the next send may follow the last.
    pub(crate) fn until_cooled(&self, cool_down: Duration, now: Timestamp) -> Duration {
        if self.count == 0 { Duration::ZERO } else { now.until(self.last.after(cool_down)).min(cool_down) }
    }

    /// With so many more.
    pub(crate) fn and(self, more: u32, now: Timestamp) -> Self {
        Self { count: self.count.saturating_add(more), last: now, ..self }
    }

    /// From when on they count no more.
    pub(crate) fn over(&self, window: Duration) -> Timestamp {
        self.since.after(window)
    }
}

#[cfg(test)]
mod tests;
