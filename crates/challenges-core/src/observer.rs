//! Events for audit and metrics: the [`Observer`] trait and the observers of this crate.

mod audit;
mod composition;
mod facts;
mod labels;
#[cfg(feature = "metrics")]
mod metrics;
mod observation;
mod reasons;
#[cfg(feature = "tracing")]
mod tracing;

#[cfg(feature = "metrics")]
pub use self::metrics::MetricsObserver;
#[cfg(feature = "tracing")]
pub use self::tracing::TracingObserver;
#[cfg(feature = "tracing")]
pub(crate) use self::tracing::log_reason;
#[doc(hidden)]
pub use labels::Labels;
pub use observation::Observation;
pub(crate) use reasons::DropReason;

use std::fmt::Debug;

/// Receives events after each commit, best effort: events are lost when the process crashes before the call.
///
/// The service calls the observer while the request waits, so hand the event on and return.
pub trait Observer: Debug + Send + Sync + 'static {
    /// Receives one event.
    fn observe(&self, observation: &Observation<'_>);
}
