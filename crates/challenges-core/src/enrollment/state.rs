use serde::{Deserialize, Serialize};
use strum::{Display, IntoStaticStr};

/// The state of an enrollment.
#[derive(Clone, Copy, Debug, Display, PartialEq, Eq, Hash, IntoStaticStr, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the states of the API, complete by contract")]
pub enum EnrollmentState {
    /// Waiting for a first answer of the authenticator. A pending enrollment answers no challenge.
    Pending,
    /// Completed: the authenticator answers challenges.
    Success,
}

impl EnrollmentState {
    /// Returns the name of the state in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
