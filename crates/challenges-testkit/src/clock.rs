use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use challenges_core::Timestamp;
use challenges_core::time::Clock;

/// A clock under the control of the test. Time never passes on its own; clones share the time.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use challenges_core::Timestamp;
/// use challenges_core::time::Clock;
/// use challenges_testkit::FakeClock;
///
/// let clock = FakeClock::at(Timestamp::from_seconds(1_000));
/// let shared = clock.clone();
/// clock.advance(Duration::from_secs(30));
/// assert_eq!(shared.now(), Timestamp::from_seconds(1_030));
/// ```
#[derive(Clone, Debug, Default)]
pub struct FakeClock(Arc<AtomicU64>);

impl FakeClock {
    /// Creates a clock at the given time.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(AtomicU64::new(now.as_millis())))
    }

    /// Sets the time, forwards or backwards.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_millis(), Ordering::SeqCst);
    }

    /// Moves the time forward and returns the new time, at most [`Timestamp::MAX`].
    pub fn advance(&self, duration: Duration) -> Timestamp {
        let later = |millis| Some(Timestamp::from_millis(millis).after(duration).as_millis());
        let (Ok(before) | Err(before)) = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, later);
        Timestamp::from_millis(before).after(duration)
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
