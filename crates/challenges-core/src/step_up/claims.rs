use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{StepUp, StepUpToken};
use crate::challenge::Passed;
use crate::challenge_type::ChallengeType;
use crate::codec::Form;
use crate::error::{Invalid, StepUpRefused};
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
    passed: Timestamp,
    pub(super) kind: ChallengeType,
    user_verified: bool,
}

impl Claims {
    /// Makes the claims of a passed challenge. The time is the time of the answer, so a token granted late lives no
    /// longer.
    pub(super) fn of(passed: &Passed) -> Result<Self, Invalid> {
        let challenge = passed.challenge();
        let purpose = challenge.purpose().ok_or(Invalid::NoPurpose)?;
        // One-time-use actions have no type, and no purpose either: their actor need not be the challenged user.
        let kind = passed.kind().ok_or(Invalid::NoPurpose)?;
        Ok(Self {
            v: Form,
            challenge: challenge.id(),
            owner: challenge.owner().clone(),
            purpose: purpose.clone(),
            passed: challenge.answered_at().unwrap_or_default(),
            kind,
            user_verified: passed.credential().is_some_and(|credential| credential.user_verified),
        })
    }

    /// Compares the claims with a request at the time `now`.
    pub(super) fn admit(
        self,
        owner: &Owner,
        purpose: &Purpose,
        max_age: Duration,
        now: Timestamp,
    ) -> Result<StepUp, StepUpRefused> {
        if self.owner != *owner {
            return Err(StepUpRefused::OtherOwner);
        }
        if self.purpose != *purpose {
            return Err(StepUpRefused::OtherPurpose);
        }
        if self.passed > now.after(SKEW) {
            return Err(StepUpRefused::FromTheFuture);
        }
        if now > self.passed.after(max_age.min(StepUpToken::LONGEST_AGE)) {
            return Err(StepUpRefused::TooOld);
        }
        Ok(StepUp {
            challenge: self.challenge,
            owner: self.owner,
            purpose: self.purpose,
            passed_at: self.passed,
            kind: self.kind,
            user_verified: self.user_verified,
        })
    }
}
