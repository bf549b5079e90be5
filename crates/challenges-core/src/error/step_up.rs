use strum::IntoStaticStr;

use super::SealError;

/// The reason for the refusal of a step-up token, or of the secret of a [trusted device](crate::devices). Do not show
/// the reason to the caller. `Display` is the same for all, except for the missing parts of a
/// [requirement](crate::step_up::Requirement).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr, thiserror::Error)]
#[error("step-up required: pass a challenge first")]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum StepUpRefused {
    /// The text is not a token or secret of this service, or was changed.
    Forged,
    /// The key of the token or device is not in the key ring.
    UnknownKey,
    /// The key of the token or device is retired.
    RetiredKey,
    /// Another user passed the challenge.
    OtherOwner,
    /// The challenge was passed for another purpose, or trusted devices do not serve the purpose.
    OtherPurpose,
    /// The challenge was passed too long ago, or the evidence meets the requirement apart from the age.
    TooOld,
    /// There is no evidence of a type that counts. This reason and the four below may be shown to the user.
    #[error("confirm with one of the required factors")]
    #[strum(serialize = "unmet")]
    FactorMissing,
    /// A second factor is missing, on another device or channel.
    #[error("confirm with a second factor")]
    #[strum(serialize = "unmet")]
    SecondFactorMissing,
    /// Evidence that resists phishing is missing.
    #[error("confirm with a passkey or security key")]
    #[strum(serialize = "unmet")]
    NotPhishingResistant,
    /// No authenticator verified the user.
    #[error("confirm with a passkey or security key that asks for a PIN, a fingerprint or the face")]
    #[strum(serialize = "unmet")]
    UserNotVerified,
    /// Evidence of a key that never leaves its authenticator is missing.
    #[error("confirm with a security key, or another passkey that is not synchronized")]
    #[strum(serialize = "unmet")]
    NotDeviceBound,
    /// The challenge was passed in the future, by this clock.
    FromTheFuture,
    /// The stored challenge has another user or purpose than the token.
    OtherChallenge,
    /// The token was used before and is good for one request.
    Used,
    /// The user has a factor, and the grant has no step-up, or a step-up by e-mail.
    FactorExists,
    /// The user passed only by a factor of the type to remove, and
    /// [`Policy::replace_by_other_factor`](crate::Policy::replace_by_other_factor) is set.
    SameFactor,
    /// The challenge is no longer stored, so earlier use of the token cannot be ruled out.
    ChallengeGone,
    /// The device was revoked, replaced or deleted.
    DeviceGone,
    /// The factors of the user changed, or an administrator reset the user, after the device was trusted.
    FactorsChanged,
}

impl StepUpRefused {
    /// Returns the reason for a token or secret that does not open or verify.
    pub(crate) const fn of(error: &SealError) -> Self {
        match error {
            SealError::UnknownKey(_) => Self::UnknownKey,
            SealError::RetiredKey(_) => Self::RetiredKey,
            SealError::Forged | SealError::ForgedRecord => Self::Forged,
        }
    }
}
