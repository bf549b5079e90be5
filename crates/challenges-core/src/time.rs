//! Points in time, and the clock that a host may replace.

mod system;
mod timestamp;

#[doc(hidden)]
pub use system::SystemClock;
pub(crate) use timestamp::SKEW;
pub use timestamp::Timestamp;

use std::fmt::Debug;

/// A source of the present time.
///
/// The service reads the clock once per operation.
///
/// # Clocks that are set back
///
/// A clock that is set back undoes nothing stored: states are final, and used time steps only grow. Expiry is measured
/// by the latest time seen by the service. A service built after the clock was set back does not know this time, so an
/// expired challenge without an answer may then be open again.
pub trait Clock: Debug + Send + Sync + 'static {
    /// Returns the present time.
    fn now(&self) -> Timestamp;
}
