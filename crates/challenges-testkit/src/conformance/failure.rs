use challenges_core::Error;
use challenges_core::store::{BatchError, StoreError};

use super::{Case, Unexplained};

/// A failed case.
#[derive(Debug, thiserror::Error)]
#[error("- {case}: {complaint}")]
#[non_exhaustive]
pub struct Failure {
    /// The case.
    pub case: Case,
    /// The breach of the contract.
    #[source]
    pub complaint: Complaint,
}

/// A breach of the store contract.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Complaint {
    /// The store returned a wrong result.
    #[error("{0}")]
    Wrong(String),
    /// The store returned an unexpected error.
    #[error("the store returned an unexpected error: {0}")]
    Store(#[from] StoreError),
    /// A service on the store returned an unexpected error.
    #[error("a service on the store returned an unexpected error: {0}")]
    Service(#[from] Error),
    /// A history of one challenge is not linearizable.
    #[error(transparent)]
    History(#[from] Unexplained),
    /// The suite built an invalid batch: a bug in the suite.
    #[error("bug in the conformance suite: {0}")]
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
