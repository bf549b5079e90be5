//! Points in time.
//!
//! The service reads the clock of the operating system once per operation.
//!
//! # Clocks that are set back
//!
//! Setting the clock back undoes no stored change: states are final, and used time steps only grow. Expiry is measured
//! by the latest time seen by the service:
//!
//! - A lag of up to 30 seconds changes nothing.
//! - A clock further behind is trusted again after a minute. Until then expired challenges stay expired, and new
//!   challenges with a shorter timeout than the lag fail with [`Error::Clock`](crate::Error::Clock).
//! - After that minute, or in a service built after the clock was set back, an expired challenge may be open again if
//!   nobody has tried to answer the challenge.
//!
//! A clock that is briefly ahead therefore stops the service for a minute, and not until the clock catches up.

mod system;
mod timestamp;

#[doc(hidden)]
pub use system::SystemClock;
pub(crate) use timestamp::SKEW;
pub use timestamp::Timestamp;

use std::fmt::Debug;

/// A source of the current time; replaced by tests.
#[doc(hidden)]
pub trait Clock: Debug + Send + Sync + 'static {
    /// Returns the current time.
    fn now(&self) -> Timestamp;
}
