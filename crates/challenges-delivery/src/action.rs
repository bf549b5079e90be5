//! The HTTP requests of decided one-time-use actions.

use std::sync::Arc;

use challenges_core::{Actor, Failure, HttpAction, HttpActionParts, Job, Receipt};
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use zeroize::Zeroizing;

use crate::answer::judge;
use crate::client::{Call, GuardedClient};
use crate::error::{Blocked, DeliveryError};
use crate::token::{TokenIssuer, TokenRequest};
use crate::wording::origin_of;

/// Runs HTTP actions: each with its method, body, content type and an `Idempotency-Key` that is the same at every attempt,
/// and with a bearer token where the action has scopes.
#[derive(Clone, Debug)]
#[must_use]
pub struct HttpActions {
    client: GuardedClient,
    tokens: Option<Arc<dyn TokenIssuer>>,
}

impl HttpActions {
    /// Actions that go out through that client. Its guard says where to: [`Guard::only_hosts`](crate::Guard::only_hosts),
    /// unless whoever creates actions may call any public host.
    pub fn new(client: GuardedClient) -> Self {
        Self { client, tokens: None }
    }

    /// Who issues the tokens of actions that have scopes. Without one such actions fail, and none is run without a token.
    pub fn token_issuer(self, issuer: impl TokenIssuer) -> Self {
        Self { tokens: Some(Arc::new(issuer)), ..self }
    }

    pub(crate) async fn run(&self, job: &Job, actor: &Actor, action: &HttpAction) -> Result<Receipt, Failure> {
        let parts = action.parts();
        // No token for a request that does not leave.
        self.client.guard().check(&parts.uri).map_err(DeliveryError::from)?;
        let mut call = Call::new(method(&parts.method)?, &parts.uri).idempotency_key(&job.id)?;
        if let Some(content_type) = &parts.content_type {
            call = call.header(CONTENT_TYPE, content_type)?;
        }
        if !parts.scopes.is_empty() {
            call = call.header(AUTHORIZATION, self.authorization(job, actor, parts).await?.as_str())?;
        }
        if let Some(body) = &parts.body {
            call = call.body(body.clone());
        }
        judge(&self.client.send(call, job.within).await?)
    }

    async fn authorization(
        &self,
        job: &Job,
        actor: &Actor,
        parts: &HttpActionParts,
    ) -> Result<Zeroizing<String>, Failure> {
        let issuer = self.tokens.as_ref().ok_or(DeliveryError::NoTokenIssuer)?;
        let audience = origin_of(&parts.uri).ok_or(DeliveryError::Blocked(Blocked::Malformed))?;
        let request = TokenRequest { actor, scopes: &parts.scopes, audience: &audience, within: job.within };
        let token = issuer.issue(&request).await?;
        Ok(Zeroizing::new(format!("Bearer {}", token.expose())))
    }
}

/// Methods are case-sensitive, but `post` means POST to everybody, as in the Fetch standard.
fn method(text: &str) -> Result<Method, DeliveryError> {
    let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS, Method::PATCH];
    if let Some(method) = known.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(text)) {
        return Ok(method);
    }
    if text.eq_ignore_ascii_case("CONNECT") || text.eq_ignore_ascii_case("TRACE") {
        return Err(DeliveryError::Method);
    }
    Method::from_bytes(text.as_bytes()).map_err(|_| DeliveryError::Method)
}
