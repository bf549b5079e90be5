//! Errors of the service, and the reasons for refusals.

mod batch;
mod invalid;
mod refused;
mod rejected;
mod seal;
mod step_up;
mod store;

pub use batch::BatchError;
pub use invalid::Invalid;
pub use refused::Refused;
pub use rejected::Rejected;
pub use seal::SealError;
pub use step_up::StepUpRefused;
pub use store::StoreError;

use std::convert::Infallible;
use std::io;

use crate::entropy::NoEntropy;

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
    /// The [`Grant`](crate::Grant) does not admit the change of factors. Nothing was written.
    #[error(
        "this change of factors needs a Grant::step_up of the user, for Purpose::manage_factors, at most Policy::grant_age old, and passed by a factor of another type if Policy::replace_by_other_factor is set"
    )]
    Grant(#[source] StepUpRefused),
    /// The request is invalid. The message says what to change.
    #[error(transparent)]
    Invalid(Invalid),
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
        "the clock is behind an earlier reading by more than the lifetime of the challenge; correct the clock, or restart the process if the earlier reading was wrong"
    )]
    Clock,
    /// A stored record or secret cannot be verified or opened with the keys in the ring.
    #[error("a stored record or secret cannot be verified or opened; see the source of this error")]
    Seal(#[from] SealError),
    /// A stored record has an unknown format.
    #[error("a stored record has an unknown format; a newer version may have written it")]
    Body(#[source] serde_json::Error),
    /// The random number generator failed.
    #[error("the random number generator failed; see the source of this error, and check the generator of the system")]
    Entropy(#[source] io::Error),
    /// The key ring lacks the key of this store: an error of [`Builder::build`](crate::Builder::build) and
    /// [`Challenges::check`](crate::Challenges::check).
    #[error("the key ring does not open this store; start with the keys the store was written with")]
    OtherKeys(#[source] SealError),
    /// The store lost an acknowledged record: an error of [`Builder::build`](crate::Builder::build) and
    /// [`Challenges::check`](crate::Challenges::check).
    #[error(
        "the store lost a record it had acknowledged; if the store was emptied or replaced, restore it, else run challenges-testkit against the store"
    )]
    Forgetful,
    /// The store holds records, but not the salt for making the ids: a [copy](crate::store::copy) is unfinished, or the
    /// salt was deleted. A new salt would lose every user, so [`Builder::build`](crate::Builder::build) refuses to
    /// start the service.
    #[error("the store has records but no salt; finish copying into the store first")]
    Incomplete,
    /// The store is empty, and [`Builder::expect_existing`](crate::Builder::expect_existing) was called. The store is
    /// another one than before, or has lost its records.
    #[error(
        "the store is empty, and in an empty store nobody has a factor: check the path, address and database of the store, and restore a backup if the records are lost; to start with a new store, leave out Builder::expect_existing once"
    )]
    Empty,
    /// The service built a batch no store can apply. This is a bug in this library.
    #[error("internal error: malformed batch")]
    Batch(#[from] BatchError),
}

impl From<Invalid> for Error {
    /// Returns [`Error::NotFound`] for a malformed id, as for an unknown one, and [`Error::Invalid`] for anything else.
    fn from(invalid: Invalid) -> Self {
        if invalid == Invalid::Id { Self::NotFound } else { Self::Invalid(invalid) }
    }
}

impl From<NoEntropy> for Error {
    fn from(NoEntropy(error): NoEntropy) -> Self {
        Self::Entropy(error)
    }
}

impl From<Infallible> for Error {
    /// Never called; lets `?` accept infallible conversions.
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
