use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::time::{SKEW, Timestamp};

/// The part of a total that this process has taken and not yet used.
#[derive(Debug, Default)]
pub(super) struct Chunk(Mutex<Left>);

#[derive(Debug, Default)]
struct Left {
    count: u32,
    until: Timestamp,
}

impl Chunk {
    /// Takes a message. Returns the end of the window of the message.
    pub(super) fn take(&self, window: Duration, now: Timestamp) -> Option<Timestamp> {
        let mut left = self.lock();
        let is_current = now < left.until && left.until <= now.after(window).after(SKEW);
        if !is_current || left.count == 0 {
            return None;
        }
        left.count -= 1;
        Some(left.until)
    }

    /// Gives back a message, unless the window of the message has ended.
    pub(super) fn give_back(&self, until: Timestamp) {
        let mut left = self.lock();
        if left.until == until {
            left.count = left.count.saturating_add(1);
        }
    }

    /// Adds messages of a window. Messages of an earlier window are dropped.
    pub(super) fn add(&self, more: u32, until: Timestamp) {
        let mut left = self.lock();
        let earlier = if left.until == until { left.count } else { 0 };
        *left = Left { count: earlier.saturating_add(more), until };
    }

    fn lock(&self) -> MutexGuard<'_, Left> {
        // No code panics halfway through a change, so a poisoned lock still guards a sound count.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
