//! Errors of the service, and the reasons for refusals.

mod invalid;
mod refused;
mod rejected;
mod step_up;

pub use invalid::{Capped, Invalid};
pub use refused::Refused;
pub use rejected::Rejected;
pub use step_up::{StepUpRefusal, StepUpRefused};

use std::convert::Infallible;

use crate::entropy::EntropyError;
use crate::id::InvalidId;
use crate::keyring::SealError;
use crate::store::{BatchError, StoreError};

/// The error of a call to the service.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No such record, or the record belongs to another user.
    #[error("not found: no such id, or the record belongs to another user")]
    NotFound,
    /// The answer was refused. The reason goes to the [`Observer`](crate::Observer) and never to the caller, so that
    /// guessing teaches nothing.
    #[error("the answer was refused")]
    AnswerRefused,
    /// The step-up token was refused.
    #[error(transparent)]
    StepUp(#[from] StepUpRefused),
    /// The request is invalid. The message says what to change.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The store failed. After [`StoreError::OutcomeUnknown`] the change may have been made: read the record again
    /// before you repeat a call that must not happen twice.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Concurrent changes of a record won every try. Nothing was written; try again.
    #[error("too many concurrent changes of one record; nothing was written, try again")]
    Contended,
    /// The clock is behind an earlier reading by more than the lifetime of a new challenge, or near the end of time.
    /// Nothing was written.
    #[error(
        "the clock is behind an earlier reading by more than a challenge lives; correct the clock, or restart the process if the earlier reading was wrong"
    )]
    Clock,
    /// A stored record or secret cannot be verified or opened with the keys in the ring.
    #[error("a stored record or secret cannot be verified or opened; see the source of this error")]
    Seal(#[from] SealError),
    /// A stored record has an unknown format.
    #[error("a stored record has an unknown format; a newer version may have written it")]
    Body(#[source] serde_json::Error),
    /// The random number generator failed.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The service built a batch no store can apply. This is a bug in this library.
    #[error("internal error: malformed batch")]
    Batch(#[from] BatchError),
}

impl From<InvalidId> for Error {
    /// Malformed ids are reported as [`Error::NotFound`].
    fn from(_: InvalidId) -> Self {
        Self::NotFound
    }
}

impl From<Infallible> for Error {
    /// Never called; lets `?` accept infallible conversions.
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
