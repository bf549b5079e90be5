use serde::{Deserialize, Serialize};

use crate::challenge_type::{ChallengeType, ChallengeTypes};
use crate::codec::is_false;
use crate::id::{EnrollmentId, Id};

/// The proven factor, with the facts that decide how the proof counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Method {
    /// A code of an authenticator app.
    Totp { enrollment: EnrollmentId },
    /// An assertion of a credential.
    Webauthn {
        enrollment: EnrollmentId,
        #[serde(default, skip_serializing_if = "is_false")]
        user_verified: bool,
        #[serde(default, skip_serializing_if = "is_false")]
        backup_eligible: bool,
        #[serde(default, skip_serializing_if = "is_false")]
        backed_up: bool,
    },
    /// The secret of a link, or the short code of a message. All text and push messages of a challenge carry the same
    /// secret, so the channel that the answer names proves nothing. E-mails and short codes have secrets of their own.
    Link {
        /// The weakest channel that the challenge offered.
        channel: ChallengeType,
        /// `true` if the challenge offered several channels.
        #[serde(default, skip_serializing_if = "is_false")]
        one_of_several: bool,
        /// `true` if the answer also gave the number from the page that started the challenge, or was the short code of
        /// the message: the user carries the code to that page.
        #[serde(default, skip_serializing_if = "is_false")]
        number_matched: bool,
    },
    /// A code that the host carried to the user, over an unknown channel.
    Code,
    /// A recovery code.
    RecoveryCode,
    /// A browser that the user trusted earlier, in place of a factor.
    TrustedDevice { device: Id },
    /// A password, verified by the host.
    Password,
}

impl Method {
    /// Returns the method of a secret that went out over one channel only.
    pub(crate) const fn message(channel: ChallengeType, number_matched: bool) -> Self {
        Self::Link { channel, one_of_several: false, number_matched }
    }

    /// Returns the method of the secret in the text and push messages of a challenge with these types.
    pub(crate) fn link(types: Option<&ChallengeTypes>, number_matched: bool) -> Option<Self> {
        let types = types?;
        let channels = || types.iter().filter(|kind| kind.sends_link() && *kind != ChallengeType::Email);
        let channel = channels().min_by_key(|kind| strength(*kind))?;
        let one_of_several = channels().any(|other| other != channel);
        Some(Self::Link { channel, one_of_several, number_matched })
    }

    /// Returns whether a message carried the secret of the answer.
    pub(crate) const fn is_message(self) -> bool {
        matches!(self, Self::Link { .. })
    }

    /// Returns the type of challenges that the method answers.
    pub(super) const fn factor(self) -> Option<ChallengeType> {
        match self {
            Self::Totp { .. } => Some(ChallengeType::Totp),
            Self::Webauthn { .. } => Some(ChallengeType::Webauthn),
            Self::Link { channel, .. } => Some(channel),
            Self::Code => Some(ChallengeType::Code),
            Self::RecoveryCode => Some(ChallengeType::RecoveryCode),
            Self::TrustedDevice { .. } | Self::Password => None,
        }
    }

    /// Returns whether two proofs are by the same authenticator, so that the newer proof replaces the older.
    pub(crate) fn is_same_authenticator(self, other: Self) -> bool {
        match (self, other) {
            (Self::Totp { enrollment: one }, Self::Totp { enrollment: other })
            | (Self::Webauthn { enrollment: one, .. }, Self::Webauthn { enrollment: other, .. }) => one == other,
            (Self::TrustedDevice { device: one }, Self::TrustedDevice { device: other }) => one == other,
            (one, other) => one == other,
        }
    }
}

/// Returns the rank of a channel. A text message reaches anybody who controls the number (NIST SP 800-63B-4 section
/// 3.1.3.3).
const fn strength(channel: ChallengeType) -> u8 {
    match channel {
        ChallengeType::Email => 0,
        ChallengeType::Sms => 1,
        ChallengeType::WebPush => 2,
        ChallengeType::Totp | ChallengeType::Webauthn | ChallengeType::Code | ChallengeType::RecoveryCode => 3,
    }
}
