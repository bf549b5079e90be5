use std::fmt;
use std::str::FromStr;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde::{Deserialize, Serialize};

use crate::address::is_http_uri;
use crate::challenge::ChallengeType;
use crate::error::Invalid;

/// A telephone number in the form of E.164: `+` and 8 to 15 digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// The number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PhoneNumber {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits = text.strip_prefix('+').ok_or(Invalid::PhoneNumber)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
        if plain && (8..=15).contains(&digits.len()) { Ok(Self(text.to_owned())) } else { Err(Invalid::PhoneNumber) }
    }
}

/// A push subscription (RFC 8030 section 4, RFC 8291 section 2), as a browser hands it out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "SubscriptionParts")]
pub struct PushSubscription {
    endpoint: String,
    p256dh: String,
    auth: String,
}

/// The form in which a subscription is read, not yet checked.
#[derive(Deserialize)]
struct SubscriptionParts {
    endpoint: String,
    p256dh: String,
    auth: String,
}

impl TryFrom<SubscriptionParts> for PushSubscription {
    type Error = Invalid;

    fn try_from(parts: SubscriptionParts) -> Result<Self, Invalid> {
        Self::new(&parts.endpoint, &parts.p256dh, &parts.auth)
    }
}

impl PushSubscription {
    /// The subscription of those parts: the push service's URL, and the browser's keys in base64url.
    ///
    /// # Errors
    ///
    /// [`Invalid::PushSubscription`] when a part is malformed.
    pub fn new(endpoint: &str, p256dh: &str, auth: &str) -> Result<Self, Invalid> {
        let length =
            |key: &str| BASE64_URL_SAFE_NO_PAD.decode(key.trim_end_matches('=')).map_or(0, |bytes| bytes.len());
        // A fragment is not sent, and would make one address many (RFC 3986 section 3.5).
        let secure = endpoint.starts_with("https://") && !endpoint.contains('#') && is_http_uri(endpoint, 2_048);
        if !secure || length(p256dh) != 65 || length(auth) != 16 {
            return Err(Invalid::PushSubscription);
        }
        Ok(Self { endpoint: endpoint.to_owned(), p256dh: p256dh.to_owned(), auth: auth.to_owned() })
    }

    /// The push service's URL.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The browser's public key, in base64url.
    #[must_use]
    pub fn p256dh(&self) -> &str {
        &self.p256dh
    }

    /// The browser's authentication secret, in base64url.
    #[must_use]
    pub fn auth(&self) -> &str {
        &self.auth
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber([redacted])")
    }
}

impl fmt::Debug for PushSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PushSubscription([redacted])")
    }
}

/// Where a message goes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Address {
    /// A telephone that takes text messages.
    Phone(PhoneNumber),
    /// A browser that takes push messages.
    Push(PushSubscription),
}

impl Address {
    /// What tells it from any other: the number, or the push service's URL.
    pub(crate) fn destination(&self) -> &str {
        match self {
            Self::Phone(number) => number.as_str(),
            Self::Push(subscription) => subscription.endpoint(),
        }
    }

    /// The type of challenge that reaches it.
    #[must_use]
    pub const fn channel(&self) -> ChallengeType {
        match self {
            Self::Phone(_) => ChallengeType::Sms,
            Self::Push(_) => ChallengeType::WebPush,
        }
    }
}
