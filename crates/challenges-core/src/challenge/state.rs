use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a challenge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Created but not yet sent; it takes no answer.
    Pending,
    /// Waiting for its answer.
    Issued,
    /// It could not reach its user. Final.
    ChallengeFailed,
    /// Answered rightly, and allowed. Final.
    ///
    /// It reads so for everybody who asks, as often as they ask. Where another request than the one that answered is let
    /// through because of it, such as that of a page that waits for the user's phone, compare the challenge's owner with
    /// the signed-in user, and its purpose with what is asked for; and have it count once: of all that
    /// [delete](crate::Challenges::delete_challenge) it at the same time, one succeeds.
    ChallengePassed,
    /// Answered rightly, and declined. Final.
    ChallengeDeclined,
    /// Not answered in time. Final.
    TimedOut,
}

impl State {
    /// Whether nothing can change it any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Pending | Self::Issued)
    }

    /// Its name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Issued => "issued",
            Self::ChallengeFailed => "challenge_failed",
            Self::ChallengePassed => "challenge_passed",
            Self::ChallengeDeclined => "challenge_declined",
            Self::TimedOut => "timed_out",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
