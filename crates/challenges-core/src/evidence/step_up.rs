use std::fmt;

use super::Evidence;
use crate::id::ChallengeId;
use crate::owner::Owner;
use crate::purpose::Purpose;

/// Proof that a user passed a challenge for a purpose recently. Only the verification of a token makes this proof.
///
/// ```compile_fail,E0451
/// # use challenges_core::step_up::{Evidence, StepUp};
/// # use challenges_core::{ChallengeId, Owner, Purpose};
/// fn forge(challenge: ChallengeId, owner: Owner, purpose: Purpose, evidence: Vec<Evidence>) -> StepUp {
///     StepUp { challenge, owner, purpose, evidence }
/// }
/// ```
#[derive(Clone)]
#[must_use = "a request is let through because of this proof"]
pub struct StepUp {
    challenge: ChallengeId,
    owner: Owner,
    purpose: Purpose,
    evidence: Vec<Evidence>,
}

impl StepUp {
    /// Makes the proof. Only the verification of a token may call this.
    pub(crate) const fn new(challenge: ChallengeId, owner: Owner, purpose: Purpose, evidence: Vec<Evidence>) -> Self {
        Self { challenge, owner, purpose, evidence }
    }

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

    /// Returns the evidence: first of the challenge, then the added evidence of earlier challenges and of a password.
    /// Evidence that was too old at verification is left out.
    ///
    /// The user's session is not part of the evidence.
    #[must_use]
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }
}

impl fmt::Debug for StepUp {
    /// Leaves out the challenge, whose id is a capability.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepUp")
            .field("owner", &self.owner)
            .field("purpose", &self.purpose)
            .field("evidence", &self.evidence)
            .finish_non_exhaustive()
    }
}
