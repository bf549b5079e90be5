use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::outbox::Failure;
use challenges_core::{Origin, Owner, Secret};

/// Issues the access tokens of HTTP actions.
///
/// # What a wrong issuer lets an attacker do
///
/// The creator of an action chooses the URL and may therefore read the token. A creator gains privileges from a token
/// that
///
/// - is valid elsewhere than at [`TokenRequest::audience`],
/// - outlives the request, or
/// - grants more than [`TokenRequest::scopes`].
#[async_trait]
pub trait TokenIssuer: Debug + Send + Sync + 'static {
    /// Issues a bearer token (RFC 6750).
    ///
    /// # Errors
    ///
    /// [`Failure`], which becomes the failure of the action and decides whether to retry.
    async fn issue(&self, request: &TokenRequest<'_>) -> Result<Secret, Failure>;
}

/// A request for an access token.
#[derive(Debug)]
#[non_exhaustive]
pub struct TokenRequest<'a> {
    /// The actor on whose behalf the action runs.
    pub actor: &'a Owner,
    /// The scopes of the token; never empty.
    pub scopes: &'a [String],
    /// The origin to which the token is sent.
    pub audience: &'a Origin,
    /// The time limit of the attempt, including the issuer's time.
    pub timeout: Duration,
}

#[async_trait]
impl<T: TokenIssuer + ?Sized> TokenIssuer for Arc<T> {
    async fn issue(&self, request: &TokenRequest<'_>) -> Result<Secret, Failure> {
        (**self).issue(request).await
    }
}
