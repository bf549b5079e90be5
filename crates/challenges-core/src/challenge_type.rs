//! The types of challenges: how a challenge reaches the user, and how the user answers.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strum::{Display, EnumCount, EnumString, IntoStaticStr};

use crate::error::Invalid;

// How to add a type is described in `.github/CONTRIBUTING.md`, "Add a factor".
/// A way to challenge a user. One-time-use actions are created by [`Actions`](crate::approvals::Actions) and have no
/// type of this kind.
#[derive(
    Clone,
    Copy,
    Debug,
    Display,
    EnumCount,
    EnumString,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    IntoStaticStr,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", parse_err_ty = Invalid, parse_err_fn = unknown_type)]
#[non_exhaustive]
pub enum ChallengeType {
    /// A text message with a link. The answer is the secret of the link, or the short code of
    /// [`Policy::message_code_digits`](crate::Policy::message_code_digits).
    Sms,
    /// A push message (RFC 8030) with a link; the secret of the link answers.
    WebPush,
    /// Sends nothing; a code of the user's authenticator app (RFC 6238) answers.
    Totp,
    /// Sends nothing; an assertion of a credential of the user (WebAuthn) answers.
    Webauthn,
    /// Returns a code to the caller, to carry to the user; the code answers.
    Code,
    /// Sends nothing; a [recovery code](crate::recovery) of the user answers, and is used up.
    RecoveryCode,
    /// An e-mail with a link. The answer is the secret of the link, or the short code. Reading e-mail is not a second
    /// factor by itself (NIST SP 800-63B-4 section 3.1.3.1, ASVS 5.0.0 6.3.6):
    /// [`Challenges::ask`](crate::Challenges::ask) never offers this type, and a confirmed address does not count in
    /// [`AccountStatus::has_factor`](crate::account::AccountStatus::has_factor).
    Email,
}

fn unknown_type(_: &str) -> Invalid {
    Invalid::UnknownType
}

impl ChallengeType {
    /// All types.
    pub const ALL: [Self; <Self as EnumCount>::COUNT] =
        [Self::Sms, Self::WebPush, Self::Totp, Self::Webauthn, Self::Code, Self::RecoveryCode, Self::Email];

    /// Returns the name of the type in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns whether a link is sent to an endpoint of the user.
    pub(crate) const fn sends_link(self) -> bool {
        match self {
            Self::Sms | Self::WebPush | Self::Email => true,
            Self::Totp | Self::Webauthn | Self::Code | Self::RecoveryCode => false,
        }
    }

    /// Returns whether a confirmed address or completed enrollment of the type is a factor of the user. Recovery codes
    /// stand in for a lost factor, and reading e-mail proves possession of nothing.
    pub(crate) const fn is_factor(self) -> bool {
        match self {
            Self::Sms | Self::WebPush | Self::Totp | Self::Webauthn => true,
            Self::Code | Self::RecoveryCode | Self::Email => false,
        }
    }
}

/// The types of a challenge, at least one; an answer of any type passes.
///
/// The API names types as a single type, a list, or both. The form is kept, so that readers get the types as sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChallengeTypes {
    single: Option<ChallengeType>,
    list: Option<Vec<ChallengeType>>,
}

/// The stored form of [`ChallengeTypes`].
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    single: Option<ChallengeType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    list: Option<Vec<ChallengeType>>,
}

impl ChallengeTypes {
    /// Returns the union of a single type and a list. Repetitions in the list are dropped.
    ///
    /// # Errors
    ///
    /// [`Invalid::NoTypes`] when neither names a type.
    pub fn new(single: Option<ChallengeType>, list: Option<Vec<ChallengeType>>) -> Result<Self, Invalid> {
        let list = list.map(|named| {
            let mut list = Vec::new();
            for kind in named {
                if !list.contains(&kind) {
                    list.push(kind);
                }
            }
            list
        });
        let types = Self { single, list };
        if types.iter().next().is_some() { Ok(types) } else { Err(Invalid::NoTypes) }
    }

    /// Returns the type named alone.
    #[must_use]
    pub const fn single(&self) -> Option<ChallengeType> {
        self.single
    }

    /// Returns the types named in a list.
    #[must_use]
    pub fn list(&self) -> Option<&[ChallengeType]> {
        self.list.as_deref()
    }

    /// Returns whether `kind` is among the types.
    #[must_use]
    pub fn contains(&self, kind: ChallengeType) -> bool {
        self.iter().any(|offered| offered == kind)
    }

    /// Iterates over the types. A type named both alone and in the list appears twice.
    pub fn iter(&self) -> impl Iterator<Item = ChallengeType> {
        self.single.into_iter().chain(self.list.iter().flatten().copied())
    }

    /// Returns whether any of the types sends a link.
    pub(crate) fn send_link(&self) -> bool {
        self.iter().any(ChallengeType::sends_link)
    }
}

impl From<ChallengeType> for ChallengeTypes {
    fn from(kind: ChallengeType) -> Self {
        Self { single: Some(kind), list: None }
    }
}

impl TryFrom<Vec<ChallengeType>> for ChallengeTypes {
    type Error = Invalid;

    fn try_from(kinds: Vec<ChallengeType>) -> Result<Self, Invalid> {
        Self::new(None, Some(kinds))
    }
}

impl<const N: usize> TryFrom<[ChallengeType; N]> for ChallengeTypes {
    type Error = Invalid;

    fn try_from(kinds: [ChallengeType; N]) -> Result<Self, Invalid> {
        Self::new(None, Some(kinds.into()))
    }
}

impl Serialize for ChallengeTypes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Stored { single: self.single, list: self.list.clone() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ChallengeTypes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Stored { single, list } = Stored::deserialize(deserializer)?;
        Self::new(single, list).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
