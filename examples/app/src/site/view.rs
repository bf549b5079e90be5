//! The JSON of enrollments and challenges for the scripts. Times are in milliseconds since the epoch.

mod challenge;
mod endpoint;
mod enrollment;

use serde::Serialize;

pub(super) use challenge::ChallengeView;
pub(crate) use challenge::{ONE_TIME_USE_ACTION, state_text};
pub(super) use endpoint::EndpointView;
pub(super) use enrollment::{EnrollmentView, PasskeyView};

/// The state of a user's account.
#[derive(Serialize)]
pub(super) struct StateView {
    pub(super) now: u64,
    pub(super) enrollments: Vec<EnrollmentView>,
    pub(super) passkeys: Vec<PasskeyView>,
    pub(super) endpoints: Vec<EndpointView>,
    /// Challenges, newest first.
    pub(super) challenges: Vec<ChallengeView>,
}
