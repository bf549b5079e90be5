use strum::IntoStaticStr;

/// The error of a refused step-up token. The message gives no reason to the caller; [`StepUpRefused::reason`] and the
/// [`Observer`](crate::Observer) give the reason to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("step-up required: pass a challenge first")]
pub struct StepUpRefused(StepUpRefusal);

impl StepUpRefused {
    /// Returns the reason. Do not show the reason to the caller.
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

/// The reason for the refusal of a step-up token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum StepUpRefusal {
    /// The text is no token of this service, or was changed.
    Forged,
    /// The key of the token is not in the key ring.
    UnknownKey,
    /// The key of the token is retired.
    RetiredKey,
    /// Another user passed the challenge.
    OtherOwner,
    /// The challenge was passed for another purpose.
    OtherPurpose,
    /// The challenge was passed too long ago.
    TooOld,
    /// The challenge was passed in the future, by this clock.
    FromTheFuture,
    /// The stored challenge has another user or purpose than the token.
    OtherChallenge,
    /// The token was used before and is good for one request.
    Used,
    /// The challenge is no longer stored, so earlier use of the token cannot be ruled out.
    ChallengeGone,
}
