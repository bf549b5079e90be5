use std::fmt;

use async_trait::async_trait;
use challenges_core::Secret;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use subtle::ConstantTimeEq as _;

use crate::principal::Principal;

/// Says who a bearer token is. It is the host's: there is no default that lets anyone in.
///
/// # What a wrong authorizer lets an attacker do
///
/// Whoever it takes for a principal that reaches any user can enroll a key for every user of the tenant, and so pass the
/// challenges of each of them.
#[async_trait]
pub trait Authorizer: fmt::Debug + Send + Sync + 'static {
    /// The principal that the token stands for.
    ///
    /// # Errors
    ///
    /// [`Unauthorized`] when it stands for nobody, or that cannot be found out now. The caller gets a 401.
    async fn authorize(&self, bearer: &BearerToken) -> Result<Principal, Unauthorized>;
}

/// What a caller sent as its bearer token (RFC 6750 section 2.1). It prints as `[redacted]`.
pub struct BearerToken(Secret);

impl BearerToken {
    /// The token itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Whether it is that token, in a time that does not tell where they differ. Their lengths may show.
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

/// The token is not accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("the bearer token is not accepted")]
pub struct Unauthorized;

/// One token for one principal: for demos, and for hosts whose only caller is their own back end.
///
/// An empty token is accepted from nobody.
#[derive(Debug)]
pub struct StaticToken {
    token: Secret,
    principal: Principal,
}

impl StaticToken {
    /// Whoever sends `token` is `principal`. Make the token of at least 128 random bits.
    #[must_use]
    pub fn new(token: impl Into<String>, principal: Principal) -> Self {
        Self { token: token.into().into(), principal }
    }
}

#[async_trait]
impl Authorizer for StaticToken {
    async fn authorize(&self, bearer: &BearerToken) -> Result<Principal, Unauthorized> {
        if bearer.matches(self.token.expose()) { Ok(self.principal.clone()) } else { Err(Unauthorized) }
    }
}

/// The bearer token of a request: of exactly one `Authorization` header, and never empty.
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
