//! The states of a challenge, and the outcomes of transitions.

use serde::{Deserialize, Serialize};
use strum::{Display, IntoStaticStr};

/// The state of a challenge.
#[derive(Clone, Copy, Debug, Display, PartialEq, Eq, Hash, IntoStaticStr, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the states of the API, complete by contract")]
pub enum State {
    /// Created but not issued; takes no answer.
    Pending,
    /// Waiting for an answer.
    Issued,
    /// No message reached the user. Final.
    ChallengeFailed,
    /// Answered correctly and allowed. Final.
    ///
    /// Every reader sees this state, any number of times. Before you let another request through because of this state,
    /// such as the request of a page that waits for the user's phone:
    ///
    /// - compare the owner of the challenge with the signed-in user,
    /// - compare the purpose of the challenge with the requested purpose,
    /// - accept the challenge once: of concurrent [deletes](crate::Challenges::delete) of a challenge exactly one
    ///   succeeds.
    ChallengePassed,
    /// Answered correctly and declined. Final.
    ChallengeDeclined,
    /// Expired without a correct answer. Final.
    TimedOut,
}

impl State {
    /// Returns whether the state can never change again.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Pending | Self::Issued => false,
            Self::ChallengeFailed | Self::ChallengePassed | Self::ChallengeDeclined | Self::TimedOut => true,
        }
    }

    /// Returns the name of the state in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The outcome of a transition of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// Nothing changed, and nothing has to be stored.
    Unchanged,
    /// The spec was replaced.
    Replaced,
    /// The challenge was issued and waits for an answer.
    Issued,
    /// The link was sent again, with a new secret.
    Resent,
    /// The first message with the link reached the user.
    Delivered,
    /// The challenge cannot reach the user.
    Failed,
    /// The challenge was passed.
    Passed,
    /// The challenge was declined.
    Declined,
    /// A wrong answer was counted.
    Wrong,
    /// The challenge expired.
    TimedOut,
}
