use serde::{Deserialize, Serialize};

/// The stored state of an enrollment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EnrollmentState {
    /// Waiting for a first answer of the authenticator. A pending enrollment answers no challenge.
    Pending,
    /// Completed: the authenticator answers challenges.
    Success,
}
