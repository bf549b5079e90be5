use strum::IntoStaticStr;

use crate::evidence::Unmet;

/// The reason for the refusal of a step-up token. Do not show the reason to the caller: `Display` is the same for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr, thiserror::Error)]
#[error("step-up required: pass a challenge first")]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum StepUpRefused {
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
    /// The evidence does not meet the requirement. This reason may be shown.
    Unmet(Unmet),
    /// The challenge was passed in the future, by this clock.
    FromTheFuture,
    /// The stored challenge has another user or purpose than the token.
    OtherChallenge,
    /// The token was used before and is good for one request.
    Used,
    /// The challenge is no longer stored, so earlier use of the token cannot be ruled out.
    ChallengeGone,
}
