use std::error::Error as StdError;
use std::fmt;

use async_trait::async_trait;
use challenges_core::Secret;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use subtle::ConstantTimeEq as _;

use crate::fault::Fault;
use crate::principal::Principal;

/// Maps bearer tokens to principals. The host implements this trait: there is no default.
///
/// # Security
///
/// An implementation that takes an attacker for a principal of [`Principal::any_user`] or [`Principal::any_user_of`]
/// lets the attacker enroll a key for every user of the tenant, and so pass the challenges of all these users.
#[async_trait]
pub trait Authorizer: fmt::Debug + Send + Sync + 'static {
    /// Returns the principal of a token.
    ///
    /// # Errors
    ///
    /// - [`AuthorizeError::Unauthorized`] if the token is not valid. The caller receives a 401.
    /// - [`AuthorizeError::Unavailable`] if the token cannot be checked now. The caller receives a 503.
    async fn authorize(&self, bearer: &BearerToken) -> Result<Principal, AuthorizeError>;
}

/// The bearer token of a request (RFC 6750 section 2.1). `Debug` prints `[redacted]`.
pub struct BearerToken(Secret);

impl BearerToken {
    /// Returns the token in the clear.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Compares with `token` in constant time. Only the lengths can leak through timing.
    #[must_use]
    pub fn matches(&self, token: &str) -> bool {
        self.expose().as_bytes().ct_eq(token.as_bytes()).into()
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerToken([redacted])")
    }
}

/// The error of an [`Authorizer`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizeError {
    /// The token is not valid.
    #[error("the bearer token is not accepted")]
    Unauthorized,
    /// The token cannot be checked now, for example because the identity provider does not respond.
    ///
    /// The source is logged and not shown to the caller. The source must not contain the token.
    #[error("the bearer token cannot be checked now")]
    Unavailable(#[source] Box<dyn StdError + Send + Sync>),
}

impl AuthorizeError {
    /// Creates an [`AuthorizeError::Unavailable`].
    pub fn unavailable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Unavailable(source.into())
    }
}

impl From<AuthorizeError> for Fault {
    fn from(error: AuthorizeError) -> Self {
        match error {
            AuthorizeError::Unauthorized => Self::Unauthorized,
            AuthorizeError::Unavailable(source) => Self::AuthorizerUnavailable(source),
        }
    }
}

/// An authorizer with one token for one principal, for demos and for hosts whose only caller is their own back end.
///
/// An empty token never authorizes anybody.
#[derive(Debug)]
pub struct StaticToken {
    token: Secret,
    principal: Principal,
}

impl StaticToken {
    /// Creates an authorizer that maps `token` to `principal`. The token needs at least 128 random bits.
    #[must_use]
    pub fn new(token: impl Into<String>, principal: Principal) -> Self {
        Self { token: token.into().into(), principal }
    }
}

#[async_trait]
impl Authorizer for StaticToken {
    async fn authorize(&self, bearer: &BearerToken) -> Result<Principal, AuthorizeError> {
        if bearer.matches(self.token.expose()) { Ok(self.principal.clone()) } else { Err(AuthorizeError::Unauthorized) }
    }
}

/// Returns the bearer token of a request with exactly one `Authorization` header. The token is never empty.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<BearerToken> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim_matches(' ');
    let usable = scheme.eq_ignore_ascii_case("bearer") && !token.is_empty();
    usable.then(|| BearerToken(token.to_owned().into()))
}

#[cfg(test)]
mod tests;
