//! That a user passed a challenge for a purpose a short while ago, and the token that says so.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::answered::Passed;
use crate::challenge::ChallengeType;
use crate::codec::Form;
use crate::error::Invalid;
use crate::id::ChallengeId;
use crate::owner::Owner;
use crate::purpose::Purpose;
use crate::secret::Secret;
use crate::time::{SKEW, Timestamp};

/// What [`Challenges::step_up`](crate::Challenges::step_up) gives for a passed challenge: text of `A-Z`, `a-z`, `0-9`, `-`,
/// `_` and `.`, fit for a cookie or header, at most [`StepUpToken::MAX_LENGTH`] characters. What it says is sealed, and
/// bound to user, purpose, challenge, time and the type that answered.
///
/// It is a secret of the user: together with the user's session it opens what it was passed for.
pub struct StepUpToken(Secret);

impl StepUpToken {
    /// The longest text that is looked at.
    pub const MAX_LENGTH: usize = 4_000;

    /// No token is taken for longer than this after the challenge was passed, whatever is asked for: it cannot be revoked.
    pub const LONGEST_AGE: Duration = Duration::from_secs(86_400);

    /// The text itself. Hand it to the browser of the user who passed, and to nobody else.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// What somebody claims to be one.
impl<T: Into<String>> From<T> for StepUpToken {
    fn from(text: T) -> Self {
        Self(Secret::from(text))
    }
}

impl fmt::Debug for StepUpToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StepUpToken([redacted])")
    }
}

/// That this user passed a challenge for this purpose not long ago. Only the verification of a token gives one.
///
/// ```compile_fail,E0451
/// # use challenges_core::{ChallengeId, ChallengeType, Owner, Purpose, StepUp, Timestamp};
/// fn forge(challenge: ChallengeId, owner: Owner, purpose: Purpose, passed_at: Timestamp) -> StepUp {
///     StepUp { challenge, owner, purpose, passed_at, kind: ChallengeType::Code, user_verified: true }
/// }
/// ```
#[derive(Clone)]
#[must_use = "it is what lets a request through"]
pub struct StepUp {
    challenge: ChallengeId,
    owner: Owner,
    purpose: Purpose,
    passed_at: Timestamp,
    kind: ChallengeType,
    user_verified: bool,
}

impl StepUp {
    /// The challenge that was passed. Its id is a capability: it belongs into no page or public log.
    #[must_use]
    pub const fn challenge(&self) -> ChallengeId {
        self.challenge
    }

    /// Who passed it.
    #[must_use]
    pub const fn owner(&self) -> &Owner {
        &self.owner
    }

    /// What it was passed for.
    #[must_use]
    pub const fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// When it was passed.
    #[must_use]
    pub const fn passed_at(&self) -> Timestamp {
        self.passed_at
    }

    /// The type that answered it.
    #[must_use]
    pub const fn kind(&self) -> ChallengeType {
        self.kind
    }

    /// Whether an authenticator verified its user, by PIN or biometrics. Only then did the answer alone show two factors;
    /// otherwise it showed one, beside what the session was opened with.
    #[must_use]
    pub const fn user_verified(&self) -> bool {
        self.user_verified
    }
}

impl fmt::Debug for StepUp {
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

/// A token does not open what it was shown for. It tells no reason, by design; the host's code finds it in
/// [`StepUpRefused::reason`], and the [`Observer`](crate::Observer) is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this needs a challenge passed lately")]
pub struct StepUpRefused(StepUpRefusal);

impl StepUpRefused {
    /// Why. Not for the caller's eyes.
    #[must_use]
    pub const fn reason(self) -> StepUpRefusal {
        self.0
    }
}

impl From<StepUpRefusal> for StepUpRefused {
    fn from(reason: StepUpRefusal) -> Self {
        Self(reason)
    }
}

/// Why a token opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepUpRefusal {
    /// It is no token of this service, or it was changed.
    Forged,
    /// The key that it was made under is not in the ring.
    UnknownKey,
    /// Somebody else passed.
    OtherOwner,
    /// It was passed for something else.
    OtherPurpose,
    /// It was passed too long ago.
    TooOld,
    /// By this clock it has not been passed yet.
    FromTheFuture,
    /// It was used already, where it is good for once.
    Used,
    /// Its challenge is not stored any more, so that nobody knows whether it was used.
    ChallengeGone,
}

/// What a token says, sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Claims {
    v: Form,
    challenge: ChallengeId,
    owner: Owner,
    purpose: Purpose,
    passed: Timestamp,
    kind: ChallengeType,
    user_verified: bool,
}

impl Claims {
    /// What was passed, and when: minting a token late makes it live no longer.
    pub(crate) fn of(passed: &Passed) -> Result<Self, Invalid> {
        let challenge = passed.challenge();
        let purpose = challenge.purpose().ok_or(Invalid::NoPurpose)?;
        Ok(Self {
            v: Form,
            challenge: challenge.id(),
            owner: challenge.owner().clone(),
            purpose: purpose.clone(),
            passed: challenge.answered_at().unwrap_or_default(),
            kind: passed.kind(),
            user_verified: passed.credential().is_some_and(|credential| credential.user_verified),
        })
    }

    /// Holds what the token says against what is asked for.
    pub(crate) fn admit(
        self,
        owner: &Owner,
        purpose: &Purpose,
        max_age: Duration,
        now: Timestamp,
    ) -> Result<StepUp, StepUpRefusal> {
        if self.owner != *owner {
            return Err(StepUpRefusal::OtherOwner);
        }
        if self.purpose != *purpose {
            return Err(StepUpRefusal::OtherPurpose);
        }
        if self.passed > now.after(SKEW) {
            return Err(StepUpRefusal::FromTheFuture);
        }
        if now > self.passed.after(max_age.min(StepUpToken::LONGEST_AGE)) {
            return Err(StepUpRefusal::TooOld);
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

#[cfg(test)]
mod tests;
