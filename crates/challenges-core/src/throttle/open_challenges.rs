use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::engine::Now;
use crate::time::{SKEW, Timestamp};

/// The longest timeout that a policy can allow. A later expiry was written by a wrong clock.
const LONGEST: Duration = Duration::from_secs(86_400);

/// The places of a user's open challenges: the expiry of each, in no order.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct OpenChallenges(Vec<Timestamp>);

impl OpenChallenges {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes a place until `expires`, unless `max` are taken.
    pub(super) fn take(&mut self, expires: Timestamp, max: usize, now: Now) -> bool {
        let latest = now.clock.after(LONGEST).after(SKEW);
        self.0.retain(|taken| now.latest < *taken && *taken <= latest);
        let has_room = self.0.len() < max;
        if has_room {
            self.0.push(expires);
        }
        has_room
    }

    /// Gives a place back. Returns whether there was one with this expiry.
    pub(super) fn give_back(&mut self, expires: Timestamp) -> bool {
        let found = self.0.iter().position(|taken| *taken == expires);
        found.map(|index| self.0.swap_remove(index)).is_some()
    }

    /// Changes the expiry of a place.
    pub(super) fn change(&mut self, before: Timestamp, after: Timestamp) {
        for taken in self.0.iter_mut().filter(|taken| **taken == before).take(1) {
            *taken = after;
        }
    }

    /// Returns when the last place is free.
    pub(super) fn end(&self) -> Option<Timestamp> {
        self.0.iter().max().copied()
    }
}

#[cfg(test)]
mod tests;
