//! Counting of evidence: which proofs count as two factors.

use super::{Evidence, Method};
use crate::challenge_type::ChallengeType;
use crate::id::EnrollmentId;

/// The authenticator or channel behind a method, as far as known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Password,
    /// Any authenticator app: nothing shows that two keys are in two devices.
    App,
    /// A credential.
    Key {
        enrollment: EnrollmentId,
        /// `true` if the key never leaves the authenticator. Two other keys may be in one account of a provider.
        device_bound: bool,
    },
    /// A message to the user: all messages of a challenge carry one secret, and may reach one phone.
    Message,
    TrustedDevice,
}

impl Source {
    /// Returns the source, or `None` for a method that never counts beside another.
    const fn of(method: Method) -> Option<Self> {
        match method {
            Method::Password => Some(Self::Password),
            Method::Totp { .. } => Some(Self::App),
            Method::Webauthn { enrollment, backup_eligible, .. } => {
                Some(Self::Key { enrollment, device_bound: !backup_eligible })
            }
            Method::Link { channel, .. } if is_factor(channel) => Some(Self::Message),
            Method::TrustedDevice { .. } => Some(Self::TrustedDevice),
            Method::Link { .. } | Method::Code | Method::RecoveryCode => None,
        }
    }

    fn is_distinct(self, other: Self) -> bool {
        match (self, other) {
            (
                Self::Key { enrollment: one, device_bound: true },
                Self::Key { enrollment: other, device_bound: true },
            ) => one != other,
            (Self::Key { .. }, Self::Key { .. }) => false,
            (one, other) => one != other,
        }
    }
}

/// Returns whether the evidence is of two distinct authenticators or channels, or of one authenticator that verified
/// the user.
pub(super) fn has_two_distinct(evidence: &[Evidence]) -> bool {
    let sources = || evidence.iter().filter_map(|proven| Source::of(proven.method()));
    evidence.iter().any(Evidence::is_user_verified)
        || sources().any(|one| sources().any(|other| one.is_distinct(other)))
}

/// Returns whether the evidence is of two factors of different kinds (NIST SP 800-63B-4 section 2.2.1): an
/// authenticator that verified the user, or a password with a physical authenticator.
pub(super) fn is_multi_factor(evidence: &[Evidence]) -> bool {
    let password = evidence.iter().any(Evidence::is_password);
    evidence.iter().any(|proven| proven.is_user_verified() || password && is_physical(proven.method()))
}

/// Returns whether the method is "something you have" in the words of NIST.
const fn is_physical(method: Method) -> bool {
    match method {
        Method::Totp { .. } | Method::Webauthn { .. } => true,
        // Section 3.1.3: approving alone is not acceptable; the user has to carry a secret from one channel to the
        // other.
        Method::Link { channel, number_matched, .. } => number_matched && is_factor(channel),
        // Section 5.1: "remember my browser" does not replace authentication.
        Method::Code | Method::RecoveryCode | Method::TrustedDevice { .. } | Method::Password => false,
    }
}

/// Returns whether a message over the channel counts as a factor beside another one.
const fn is_factor(channel: ChallengeType) -> bool {
    match channel {
        ChallengeType::Sms | ChallengeType::WebPush => true,
        // NIST SP 800-63B-4 section 3.1.3.1: e-mail is not acceptable.
        ChallengeType::Email
        | ChallengeType::Totp
        | ChallengeType::Webauthn
        | ChallengeType::Code
        | ChallengeType::RecoveryCode => false,
    }
}
