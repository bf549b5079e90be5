/// The part of a [`Requirement`](super::Requirement) that the evidence does not meet. `Display` is a text for the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Unmet {
    /// There is no evidence of a type that counts.
    #[error("confirm with one of the required factors")]
    Factor,
    /// The evidence is sufficient, but too old.
    #[error("the last confirmation is too old, confirm again")]
    TooOld,
    /// A second factor is missing, on another device or channel.
    #[error("confirm with a second factor")]
    SecondFactor,
    /// Evidence that resists phishing is missing.
    #[error("confirm with a passkey or security key")]
    PhishingResistant,
    /// No authenticator verified the user.
    #[error("confirm with a passkey or security key that asks for a PIN, a fingerprint or the face")]
    UserVerified,
    /// Evidence of a key that never leaves its authenticator is missing.
    #[error("confirm with a security key, or another passkey that is not synchronized")]
    DeviceBound,
}
