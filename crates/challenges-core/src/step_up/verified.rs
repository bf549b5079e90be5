use std::fmt;

use crate::challenge_type::ChallengeType;
use crate::id::ChallengeId;
use crate::owner::Owner;
use crate::purpose::Purpose;
use crate::time::Timestamp;

/// Proof that a user passed a challenge for a purpose recently. Only the verification of a token makes this proof.
///
/// ```compile_fail,E0451
/// # use challenges_core::step_up::StepUp;
/// # use challenges_core::time::Timestamp;
/// # use challenges_core::{ChallengeId, ChallengeType, Owner, Purpose};
/// fn forge(challenge: ChallengeId, owner: Owner, purpose: Purpose, passed_at: Timestamp) -> StepUp {
///     StepUp { challenge, owner, purpose, passed_at, kind: ChallengeType::Code, user_verified: true }
/// }
/// ```
#[derive(Clone)]
#[must_use = "a request is let through because of this proof"]
pub struct StepUp {
    pub(super) challenge: ChallengeId,
    pub(super) owner: Owner,
    pub(super) purpose: Purpose,
    pub(super) passed_at: Timestamp,
    pub(super) kind: ChallengeType,
    pub(super) user_verified: bool,
}

impl StepUp {
    /// Returns the id of the challenge. The id is a capability: keep the id out of pages and public logs.
    #[must_use]
    pub const fn challenge(&self) -> ChallengeId {
        self.challenge
    }

    /// Returns the user who passed the challenge.
    #[must_use]
    pub const fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Returns the purpose of the challenge.
    #[must_use]
    pub const fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// Returns when the challenge was passed.
    #[must_use]
    pub const fn passed_at(&self) -> Timestamp {
        self.passed_at
    }

    /// Returns the type of the answer.
    #[must_use]
    pub const fn kind(&self) -> ChallengeType {
        self.kind
    }

    /// Returns whether an authenticator verified the user, by PIN or biometrics.
    ///
    /// Only then did the answer alone prove two factors. Otherwise the answer proved one factor, besides those of the
    /// session.
    #[must_use]
    pub const fn user_verified(&self) -> bool {
        self.user_verified
    }
}

impl fmt::Debug for StepUp {
    /// Leaves out the challenge, whose id is a capability.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepUp")
            .field("owner", &self.owner)
            .field("purpose", &self.purpose)
            .field("passed_at", &self.passed_at)
            .field("kind", &self.kind)
            .field("user_verified", &self.user_verified)
            .finish_non_exhaustive()
    }
}
