use serde::{Deserialize, Serialize};

use super::Method;
use super::amr;
use crate::challenge_type::ChallengeType;
use crate::id::EnrollmentId;
use crate::time::Timestamp;

/// A proven factor, with the time and the strength of the proof.
///
/// [`Passed::evidence`](crate::Passed::evidence) and [`StepUp::evidence`](crate::StepUp::evidence) return evidence, and
/// a [`Requirement`](super::Requirement) judges it. Evidence names no user: compare the owner of the `Passed` or
/// `StepUp`.
///
/// Evidence names the enrollment, so that one authenticator never counts as two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence(Proven);

/// The stored form of [`Evidence`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Proven {
    pub(crate) by: Method,
    pub(crate) at: Timestamp,
}

impl Evidence {
    pub(crate) const fn new(by: Method, at: Timestamp) -> Self {
        Self(Proven { by, at })
    }

    pub(crate) const fn stored(self) -> Proven {
        self.0
    }

    pub(crate) const fn method(self) -> Method {
        self.0.by
    }

    /// Creates the evidence of a password that the host verified at a time.
    ///
    /// This library never sees the password, so this evidence is a statement of the host. Use the time at which the
    /// user typed the password, not the time at which the session was last seen.
    #[must_use]
    pub const fn password(at: Timestamp) -> Self {
        Self::new(Method::Password, at)
    }

    /// Returns the type of challenges that the factor answers, or `None` for a password and a trusted device.
    ///
    /// The weakest channel counts if a link went out over several channels, because any channel may have brought the
    /// answer.
    #[must_use]
    pub const fn factor(&self) -> Option<ChallengeType> {
        self.0.by.factor()
    }

    /// Returns when the factor was verified.
    #[must_use]
    pub const fn verified_at(&self) -> Timestamp {
        self.0.at
    }

    /// Returns whether an authenticator verified the user, by PIN or biometrics. Such evidence counts as two factors by
    /// itself.
    #[must_use]
    pub const fn is_user_verified(&self) -> bool {
        matches!(self.0.by, Method::Webauthn { user_verified: true, .. })
    }

    /// Returns the enrollment of the authenticator app or credential.
    #[must_use]
    pub const fn enrollment(&self) -> Option<EnrollmentId> {
        match self.0.by {
            Method::Totp { enrollment } | Method::Webauthn { enrollment, .. } => Some(enrollment),
            Method::Link { .. }
            | Method::Code
            | Method::RecoveryCode
            | Method::TrustedDevice { .. }
            | Method::Password => None,
        }
    }

    /// Returns whether the credential may be on several devices. WebAuthn only.
    #[must_use]
    pub const fn is_backup_eligible(&self) -> bool {
        matches!(self.0.by, Method::Webauthn { backup_eligible: true, .. })
    }

    /// Returns whether the credential is backed up. WebAuthn only.
    #[must_use]
    pub const fn is_backed_up(&self) -> bool {
        matches!(self.0.by, Method::Webauthn { backed_up: true, .. })
    }

    /// Returns whether the answer resists phishing: no lookalike page could have relayed the answer. WebAuthn only.
    #[must_use]
    pub const fn is_phishing_resistant(&self) -> bool {
        matches!(self.0.by, Method::Webauthn { .. })
    }

    /// Returns whether a recovery code answered. Ask the user to enroll a new factor.
    #[must_use]
    pub const fn is_recovery(&self) -> bool {
        matches!(self.0.by, Method::RecoveryCode)
    }

    /// Returns whether a trusted device took the place of a factor.
    #[must_use]
    pub const fn is_trusted_device(&self) -> bool {
        matches!(self.0.by, Method::TrustedDevice { .. })
    }

    /// Returns whether the evidence is a password of the host.
    #[must_use]
    pub const fn is_password(&self) -> bool {
        matches!(self.0.by, Method::Password)
    }

    /// Returns the `amr` values of the evidence together (RFC 8176 section 2), for an ID token of the host.
    ///
    /// | evidence | values |
    /// |---|---|
    /// | TOTP | `otp` |
    /// | WebAuthn | `user`, and `swk` if the key is backed up, else `pop`. The hardware of the key is not known, so never `hwk`. PIN and biometrics cannot be told apart, so never `pin` or `fpt` |
    /// | a text message, if the challenge offered no push message, or its short code | `sms` |
    /// | a password | `pwd` |
    /// | number matching, or the short code of a message | `mca`, besides the value of the message |
    /// | two factors of different kinds: user verification, or a password with a factor that [`Requirement::aal2`](super::Requirement::aal2) takes | `mfa`, besides the others |
    ///
    /// No value is registered for push messages, e-mails, codes of the host, recovery codes and trusted devices.
    #[must_use]
    pub fn amr(evidence: &[Self]) -> Vec<&'static str> {
        amr::values(evidence)
    }
}

impl From<Proven> for Evidence {
    fn from(proven: Proven) -> Self {
        Self(proven)
    }
}
