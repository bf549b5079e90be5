use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::Invalid;
use crate::id::{EndpointId, EnrollmentId};

/// How a challenge reaches its user and what answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChallengeType {
    /// A text message with a link; the link's secret answers.
    Sms,
    /// A push message (RFC 8030) with a link; the link's secret answers.
    WebPush,
    /// Nothing is sent; a code of the user's authenticator (RFC 6238) answers.
    Totp,
    /// Nothing is sent; an assertion of one of the user's credentials (WebAuthn) answers.
    Webauthn,
    /// A link for each outcome and actor; the secret of any one of them answers.
    OneTimeUseAction,
    /// A code that the caller gets and carries to the user; it answers.
    Code,
}

impl ChallengeType {
    /// Its name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::WebPush => "web_push",
            Self::Totp => "totp",
            Self::Webauthn => "webauthn",
            Self::OneTimeUseAction => "one_time_use_action",
            Self::Code => "code",
        }
    }

    /// Whether a secret link is sent.
    pub(crate) const fn sends_link(self) -> bool {
        matches!(self, Self::Sms | Self::WebPush)
    }
}

impl fmt::Display for ChallengeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ChallengeType {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let all = [Self::Sms, Self::WebPush, Self::Totp, Self::Webauthn, Self::OneTimeUseAction, Self::Code];
        all.into_iter().find(|kind| kind.as_str() == text).ok_or(Invalid::UnknownType)
    }
}

/// The types that a challenge offers, in the form in which they were named: one, a list, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Types {
    one: Option<ChallengeType>,
    list: Option<Vec<ChallengeType>>,
}

/// How a challenge keeps its types. [`Types`] itself is not read from outside: it can only be made of what may be offered.
pub(super) mod stored {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{ChallengeType, Types};

    #[derive(Serialize, Deserialize)]
    struct Stored<'a> {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        one: Option<ChallengeType>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        list: Option<std::borrow::Cow<'a, [ChallengeType]>>,
    }

    pub(in super::super) fn serialize<S: Serializer>(types: &Types, serializer: S) -> Result<S::Ok, S::Error> {
        Stored { one: types.one, list: types.list.as_deref().map(Into::into) }.serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Types, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        Ok(Types { one: stored.one, list: stored.list.map(Into::into) })
    }
}

impl Types {
    /// The union of one type and a list, either of which may be absent.
    ///
    /// # Errors
    ///
    /// [`Invalid::NoTypes`] when there is none, [`Invalid::OneTimeUseActionType`] when that type is among them.
    pub fn new(one: Option<ChallengeType>, list: Option<Vec<ChallengeType>>) -> Result<Self, Invalid> {
        let list = list.map(|named| {
            let mut list = Vec::new();
            for kind in named {
                if !list.contains(&kind) {
                    list.push(kind);
                }
            }
            list
        });
        let types = Self { one, list };
        if types.iter().next().is_none() {
            return Err(Invalid::NoTypes);
        }
        if types.offer(ChallengeType::OneTimeUseAction) {
            return Err(Invalid::OneTimeUseActionType);
        }
        Ok(types)
    }

    pub(crate) const fn one_time_use_action() -> Self {
        Self { one: Some(ChallengeType::OneTimeUseAction), list: None }
    }

    /// The type that was named alone.
    #[must_use]
    pub const fn one(&self) -> Option<ChallengeType> {
        self.one
    }

    /// The types that were named in a list.
    #[must_use]
    pub fn list(&self) -> Option<&[ChallengeType]> {
        self.list.as_deref()
    }

    /// Whether that type is among them.
    #[must_use]
    pub fn offer(&self, kind: ChallengeType) -> bool {
        self.iter().any(|offered| offered == kind)
    }

    /// Every type; one may come twice.
    pub fn iter(&self) -> impl Iterator<Item = ChallengeType> {
        self.one.into_iter().chain(self.list.iter().flatten().copied())
    }
}

impl TryFrom<ChallengeType> for Types {
    type Error = Invalid;

    fn try_from(kind: ChallengeType) -> Result<Self, Invalid> {
        Self::new(Some(kind), None)
    }
}

/// Several types, any one of which may answer.
impl<const N: usize> TryFrom<[ChallengeType; N]> for Types {
    type Error = Invalid;

    fn try_from(kinds: [ChallengeType; N]) -> Result<Self, Invalid> {
        Self::new(None, Some(kinds.into()))
    }
}

/// An endpoint or enrollment that a challenge names, or a type of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointRef {
    /// The id of an endpoint or enrollment of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Its type.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<ChallengeType>,
}

impl EndpointRef {
    /// A TOTP enrollment.
    #[must_use]
    pub fn totp(id: EnrollmentId) -> Self {
        Self { endpoint: Some(id.to_string()), kind: Some(ChallengeType::Totp) }
    }

    /// A WebAuthn enrollment.
    #[must_use]
    pub fn webauthn(id: EnrollmentId) -> Self {
        Self { endpoint: Some(id.to_string()), kind: Some(ChallengeType::Webauthn) }
    }

    /// A phone number or push subscription.
    #[must_use]
    pub fn endpoint(id: EndpointId) -> Self {
        Self { endpoint: Some(id.to_string()), kind: None }
    }
}

/// How long a challenge lives, counted from its creation: 1 to 86,400 whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub struct Timeout(u32);

impl TryFrom<u64> for Timeout {
    type Error = Invalid;

    fn try_from(seconds: u64) -> Result<Self, Invalid> {
        Self::from_seconds(seconds)
    }
}

impl Timeout {
    /// The longest there is: a day.
    pub const MAX: u64 = 86_400;

    /// A timeout of so many seconds.
    ///
    /// # Errors
    ///
    /// [`Invalid::Timeout`] when it is not 1 to 86,400.
    pub fn from_seconds(seconds: u64) -> Result<Self, Invalid> {
        let fits = (1..=Self::MAX).contains(&seconds).then_some(seconds);
        let seconds = fits.and_then(|seconds| u32::try_from(seconds).ok());
        seconds.map(Self).ok_or(Invalid::Timeout { max: Self::MAX })
    }

    /// Its whole seconds.
    #[must_use]
    pub const fn as_seconds(self) -> u32 {
        self.0
    }

    /// It as a duration.
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }
}
