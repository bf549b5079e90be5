use std::sync::atomic::{AtomicBool, Ordering};

use super::Event;

/// What one task at a time may have, while the others wait.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    taken: AtomicBool,
    ended: Event,
}

impl Turn {
    /// Waits until nobody has it. It ends when what this answers is dropped.
    pub(crate) async fn take(&self) -> Taken<'_> {
        loop {
            let ended = self.ended.listen();
            if !self.taken.swap(true, Ordering::Acquire) {
                return Taken(self);
            }
            ended.await;
        }
    }
}

/// See [`Turn::take`].
#[derive(Debug)]
#[must_use = "a turn that is dropped has ended"]
pub(crate) struct Taken<'a>(&'a Turn);

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.0.taken.store(false, Ordering::Release);
        self.0.ended.notify();
    }
}

#[cfg(test)]
mod tests;
