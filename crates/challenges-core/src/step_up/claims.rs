use serde::{Deserialize, Serialize};

use super::StepUps;
use crate::challenge::{Challenge, Passed};
use crate::codec::Form;
use crate::error::{Invalid, StepUpRefused};
use crate::evidence::{Evidence, Proven, Requirement, StepUp};
use crate::id::ChallengeId;
use crate::owner::Owner;
use crate::purpose::Purpose;
use crate::time::{SKEW, Timestamp};

/// The sealed content of a token.
#[derive(Serialize, Deserialize)]
pub(super) struct Claims {
    v: Form,
    pub(super) challenge: ChallengeId,
    pub(super) owner: Owner,
    pub(super) purpose: Purpose,
    /// The evidence of the challenge, then the added evidence.
    evidence: Vec<Proven>,
}

impl Claims {
    /// Makes the claims of a passed challenge. The time is the time of the answer, so a token granted late lives no
    /// longer.
    pub(super) fn of(passed: &Passed) -> Result<Self, Invalid> {
        let challenge = passed.challenge();
        let purpose = challenge.purpose().ok_or(Invalid::NoPurpose)?;
        Ok(Self::new(challenge, purpose, passed.evidence()))
    }

    pub(super) fn new(challenge: &Challenge, purpose: &Purpose, evidence: &[Evidence]) -> Self {
        Self {
            v: Form,
            challenge: challenge.id(),
            owner: challenge.owner().clone(),
            purpose: purpose.clone(),
            evidence: evidence.iter().map(|proven| proven.stored()).collect(),
        }
    }

    pub(super) fn evidence(&self) -> impl Iterator<Item = Evidence> {
        self.evidence.iter().copied().map(Evidence::from)
    }

    /// Compares the claims with a request at the time `now`. Evidence that is too old is left out.
    pub(super) fn admit(
        self,
        owner: &Owner,
        purpose: &Purpose,
        required: &Requirement,
        now: Timestamp,
    ) -> Result<StepUp, StepUpRefused> {
        if self.owner != *owner {
            return Err(StepUpRefused::OtherOwner);
        }
        if self.purpose != *purpose {
            return Err(StepUpRefused::OtherPurpose);
        }
        let mut evidence: Vec<_> = self.evidence().collect();
        let answered_at = evidence.first().ok_or(StepUpRefused::Forged)?.verified_at();
        if answered_at > now.after(SKEW) {
            return Err(StepUpRefused::FromTheFuture);
        }
        let max_age = required.max_age().unwrap_or(StepUps::LONGEST_AGE).min(StepUps::LONGEST_AGE);
        if now > answered_at.after(max_age) {
            return Err(StepUpRefused::TooOld);
        }
        evidence.retain(|proven| now <= proven.verified_at().after(max_age));
        required.met_by(&evidence, now)?;
        Ok(StepUp::new(self.challenge, self.owner, self.purpose, evidence))
    }
}
