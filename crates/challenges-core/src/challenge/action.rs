use std::fmt;

use serde::{Deserialize, Serialize};

use crate::address::{HttpUri, is_http_uri};
use crate::error::Invalid;
use crate::keyring::{Mac, Sealed};
use crate::owner::Owner;

/// Someone who may decide a one-time-use action: a user in an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Actor {
    /// The user.
    pub user_id: String,
    /// The organisation on behalf of which the user acts.
    pub org_id: String,
}

impl From<&Owner> for Actor {
    /// That user, on behalf of the tenant.
    fn from(owner: &Owner) -> Self {
        Self { user_id: owner.user_id().to_owned(), org_id: owner.tenant().to_owned() }
    }
}

/// A scope of the access token that an action is done with: 1 to 511 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Scope(String);

impl TryFrom<String> for Scope {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::new(text)
    }
}

impl Scope {
    /// The scope of that text.
    ///
    /// # Errors
    ///
    /// [`Invalid::Action`] when it is empty or longer than 511 characters.
    pub fn new(text: impl Into<String>) -> Result<Self, Invalid> {
        let text = text.into();
        if (1..=511).contains(&text.chars().count()) { Ok(Self(text)) } else { Err(Invalid::Action) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The parts of an [`HttpAction`], not yet checked.
#[derive(Clone, Serialize, Deserialize)]
pub struct HttpActionParts {
    /// The HTTP method: 1 to 128 letters or digits.
    pub method: String,
    /// The absolute http(s) URI, at most 1024 characters.
    pub uri: String,
    /// The body to send, at most 250,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Its media type, at most 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The scopes of the access token to send; without any, none is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<Scope>,
}

impl HttpActionParts {
    /// A request without body, content type and scopes.
    #[must_use]
    pub fn new(method: impl Into<String>, uri: impl Into<String>) -> Self {
        Self { method: method.into(), uri: uri.into(), body: None, content_type: None, scopes: Vec::new() }
    }
}

/// An HTTP request that runs when a one-time-use action is decided.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "HttpActionParts")]
pub struct HttpAction(HttpActionParts);

impl TryFrom<HttpActionParts> for HttpAction {
    type Error = Invalid;

    fn try_from(parts: HttpActionParts) -> Result<Self, Invalid> {
        Self::new(parts)
    }
}

impl HttpAction {
    /// The action of those parts.
    ///
    /// # Errors
    ///
    /// [`Invalid::Action`] when a part is out of its range, or the content type holds control characters.
    pub fn new(parts: HttpActionParts) -> Result<Self, Invalid> {
        let within =
            |text: &Option<String>, max| text.as_ref().is_none_or(|text| (1..=max).contains(&text.chars().count()));
        let method =
            (1..=128).contains(&parts.method.len()) && parts.method.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let plain = |text: &Option<String>| text.as_ref().is_none_or(|text| !text.chars().any(char::is_control));
        let fits = method
            && is_http_uri(&parts.uri, 1_024)
            && within(&parts.body, 250_000)
            && within(&parts.content_type, 256)
            && plain(&parts.content_type);
        if fits { Ok(Self(parts)) } else { Err(Invalid::Action) }
    }

    /// Its parts.
    #[must_use]
    pub const fn parts(&self) -> &HttpActionParts {
        &self.0
    }
}

impl fmt::Debug for HttpActionParts {
    /// Leaves out the body, and what of the URI comes after the origin: the address of a web hook is often its secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = HttpUri::parse(&self.uri, self.uri.len()).map(|uri| uri.origin()).unwrap_or_default();
        f.debug_struct("HttpActionParts").field("method", &self.method).field("origin", &origin).finish_non_exhaustive()
    }
}

/// What a one-time-use action keeps: who may decide, the hashes of their secrets, and the sealed actions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OneTimeAction {
    pub(crate) actors: Vec<ActorSecrets>,
    pub(crate) approved: Sealed,
    pub(crate) declined: Sealed,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ActorSecrets {
    #[serde(flatten)]
    pub(crate) actor: Actor,
    pub(crate) approve: Mac,
    pub(crate) decline: Mac,
}
