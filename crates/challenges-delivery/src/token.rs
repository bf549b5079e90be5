use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::{Actor, Failure, Origin, Scope, Secret};

/// Issues the access tokens that HTTP actions are done with. It is the host's.
///
/// # What a wrong issuer lets an attacker do
///
/// An action is sent wherever its creator said. A token that is good elsewhere than at [`TokenRequest::audience`], for longer
/// than it takes to run the action, or for more than [`TokenRequest::scopes`], is one that whoever created the action can
/// take and use.
#[async_trait]
pub trait TokenIssuer: Debug + Send + Sync + 'static {
    /// A bearer token (RFC 6750) for that.
    ///
    /// # Errors
    ///
    /// [`Failure`], which says whether to try again later; it becomes that of the action.
    async fn issue(&self, request: &TokenRequest<'_>) -> Result<Secret, Failure>;
}

/// What an access token is asked for.
#[derive(Debug)]
#[non_exhaustive]
pub struct TokenRequest<'a> {
    /// On whose behalf the action runs.
    pub actor: &'a Actor,
    /// What the token allows; never empty.
    pub scopes: &'a [Scope],
    /// Where it is sent to.
    pub audience: &'a Origin,
    /// How long the attempt may take, of which the issuer's time is a part.
    pub within: Duration,
}

/// A shared issuer is an issuer.
#[async_trait]
impl<T: TokenIssuer + ?Sized> TokenIssuer for Arc<T> {
    async fn issue(&self, request: &TokenRequest<'_>) -> Result<Secret, Failure> {
        (**self).issue(request).await
    }
}
