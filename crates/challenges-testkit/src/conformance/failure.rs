use challenges_core::store::{BatchError, StoreError};
use challenges_core::{BuildError, Error};

use super::{Case, Unexplained};

/// A case that a store failed.
#[derive(Debug, thiserror::Error)]
#[error("- {case}: {complaint}")]
#[non_exhaustive]
pub struct Failure {
    /// The case.
    pub case: Case,
    /// What the store did wrong.
    #[source]
    pub complaint: Complaint,
}

/// What a store did wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Complaint {
    /// It answered, and wrongly.
    #[error("{0}")]
    Wrong(String),
    /// It failed where nothing should fail.
    #[error("the store answered an error: {0}")]
    Store(#[from] StoreError),
    /// A service on it failed where nothing should fail.
    #[error("a service on the store answered an error: {0}")]
    Service(#[from] Error),
    /// No service could be built on it.
    #[error("no service can be built on the store: {0}")]
    Build(#[from] BuildError),
    /// What the callers of one challenge saw cannot have happened one call after another.
    #[error(transparent)]
    History(#[from] Unexplained),
    /// The suite made a batch that is none.
    #[error("the suite itself is wrong: {0}")]
    Batch(#[from] BatchError),
}

pub(super) type Verdict<T = ()> = Result<T, Complaint>;

macro_rules! ensure {
    ($holds:expr, $($message:tt)+) => {
        if !$holds {
            return Err($crate::conformance::Complaint::Wrong(format!($($message)+)));
        }
    };
}
pub(super) use ensure;
