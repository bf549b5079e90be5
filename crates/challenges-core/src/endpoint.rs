//! Where a user can be reached: phone numbers and push subscriptions.

use std::fmt;
use std::str::FromStr;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde::{Deserialize, Serialize};

use crate::address::is_http_uri;
use crate::challenge::ChallengeType;
use crate::codec::Form;
use crate::error::Invalid;
use crate::id::EndpointId;
use crate::keyring::{Place, Sealed};
use crate::owner::Owner;
use crate::store::Kind;
use crate::time::Timestamp;

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
        let secure = endpoint.starts_with("https://") && is_http_uri(endpoint, 2_048);
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
    /// The type of challenge that reaches it.
    #[must_use]
    pub const fn channel(&self) -> ChallengeType {
        match self {
            Self::Phone(_) => ChallengeType::Sms,
            Self::Push(_) => ChallengeType::WebPush,
        }
    }
}

/// A phone number or push subscription of a user. The address itself is stored sealed.
#[derive(Clone, Debug)]
pub struct Endpoint(Body);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Body {
    v: Form,
    id: EndpointId,
    owner: Owner,
    created: Timestamp,
    channel: ChallengeType,
    address: Sealed,
}

impl Endpoint {
    pub(crate) const fn new(
        id: EndpointId,
        owner: Owner,
        now: Timestamp,
        kind: ChallengeType,
        address: Sealed,
    ) -> Self {
        Self(Body { v: Form, id, owner, created: now, channel: kind, address })
    }

    /// Its id, by which a challenge names it.
    #[must_use]
    pub const fn id(&self) -> EndpointId {
        self.0.id
    }

    /// Whose it is.
    #[must_use]
    pub const fn owner(&self) -> &Owner {
        &self.0.owner
    }

    /// When it was registered.
    #[must_use]
    pub const fn created(&self) -> Timestamp {
        self.0.created
    }

    /// The type of challenge that reaches it.
    #[must_use]
    pub const fn channel(&self) -> ChallengeType {
        self.0.channel
    }

    pub(crate) const fn sealed_address(&self) -> &Sealed {
        &self.0.address
    }

    pub(crate) const fn body(&self) -> &Body {
        &self.0
    }

    pub(crate) const fn from_body(body: Body) -> Self {
        Self(body)
    }
}

/// Where the address of an endpoint belongs.
pub(crate) const fn place(id: EndpointId, owner: &Owner) -> Place<'_> {
    Place { kind: Kind::Endpoint, id: id.0, owner, field: "address" }
}
