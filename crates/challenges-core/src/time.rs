//! Points in time and the clock that a host may replace.

mod system;

pub use system::SystemClock;

use std::fmt::Debug;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How far ahead of this clock that of another process may be for what it wrote to be believed. It is no tolerance for age.
pub(crate) const SKEW: Duration = Duration::from_secs(30);

/// A point in time: milliseconds since the Unix epoch, UTC, without leap seconds.
///
/// Arithmetic saturates, so that no time however extreme can overflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The latest time there is.
    pub const MAX: Self = Self(u64::MAX);

    /// The time `millis` milliseconds after the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// The time `seconds` seconds after the Unix epoch.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000))
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the Unix epoch.
    #[must_use]
    pub const fn as_seconds(self) -> u64 {
        self.0 / 1_000
    }

    /// The time `duration` later.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// How long it is until `later`; nothing, when that is past.
    #[must_use]
    pub const fn until(self, later: Self) -> Duration {
        Duration::from_millis(later.0.saturating_sub(self.0))
    }
}

/// Tells the time.
///
/// The service asks it once an operation. A clock that goes back undoes nothing that is stored: states, and used time
/// steps, which only grow. What ends is measured by the latest time that the service has seen since it was built; a
/// service that is built after the clock went back does not know that time, so a challenge that ended without anybody
/// having answered it may then be open again.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;
}
