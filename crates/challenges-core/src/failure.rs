//! The failure of an attempt at an outbox entry, and whether to retry.

use std::time::Duration;

/// The failure of a job, as far as known.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
#[non_exhaustive]
pub struct Failure {
    /// The consequence for the outbox entry.
    pub then: Retry,
    /// The HTTP status of the response.
    pub status: Option<u16>,
    /// The reason. Must contain no secret.
    pub reason: Box<dyn std::error::Error + Send + Sync>,
}

impl Failure {
    /// Creates a failure.
    pub fn new(then: Retry, reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { then, status: None, reason: reason.into() }
    }

    /// Sets the HTTP status of the response.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }
}

/// The consequence of a [`Failure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// Retries later, after at least the given time if the receiver asked for a pause.
    Later(Option<Duration>),
    /// Gives up: every further attempt would fail too.
    Never,
    /// Deletes the endpoint, because the address no longer exists.
    AddressGone,
}
