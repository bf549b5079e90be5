//! HTTP requests of decided one-time-use actions.

use std::sync::Arc;

use challenges_core::Owner;
use challenges_core::approvals::HttpAction;
use challenges_core::outbox::{Failure, Job};
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use zeroize::Zeroizing;

use crate::client::{GuardedClient, Request};
use crate::error::{Blocked, DeliveryError};
use crate::outcome::keyed_outcome;
use crate::token::{TokenIssuer, TokenRequest};
use crate::wording::origin_of;

/// Runs HTTP actions.
///
/// Each request has the action's method, body and content type. Every attempt carries the same `Idempotency-Key`. An
/// action with scopes also carries a bearer token from a [`TokenIssuer`]. CONNECT and TRACE are never run.
#[derive(Clone, Debug)]
#[must_use]
pub struct HttpActions {
    client: GuardedClient,
    tokens: Option<Arc<dyn TokenIssuer>>,
    unquoted_key: bool,
}

impl HttpActions {
    /// Creates a runner that sends through `client`.
    ///
    /// The creator of an action chooses the URL, so the client's guard decides which hosts are reachable. Use
    /// [`Guard::only_hosts`](crate::Guard::only_hosts), unless every creator may call any public host.
    pub fn new(client: GuardedClient) -> Self {
        Self { client, tokens: None, unquoted_key: false }
    }

    /// Sets the issuer of tokens for actions with scopes. Without an issuer, such actions fail and nothing is sent.
    pub fn token_issuer(self, issuer: impl TokenIssuer) -> Self {
        Self { tokens: Some(Arc::new(issuer)), ..self }
    }

    /// Sends the `Idempotency-Key` without quotes, for receivers that do not read the header as a structured field
    /// (RFC 9651).
    pub fn unquoted_idempotency_key(self) -> Self {
        Self { unquoted_key: true, ..self }
    }

    pub(crate) async fn run(&self, job: &Job, actor: &Owner, action: &HttpAction) -> Result<Option<u16>, Failure> {
        // The issuer must not be asked for a token whose request is blocked anyway.
        self.client.guard().check(action.uri()).map_err(DeliveryError::from)?;
        let request = Request::new(method(action.method())?, action.uri());
        let mut request = if self.unquoted_key {
            request.unquoted_idempotency_key(&job.id)?
        } else {
            request.idempotency_key(&job.id)?
        };
        if let Some(content_type) = action.content_type() {
            request = request.header(CONTENT_TYPE, content_type)?;
        }
        if !action.scopes().is_empty() {
            request = request.header(AUTHORIZATION, self.authorization(job, actor, action).await?.as_str())?;
        }
        if let Some(body) = action.body() {
            request = request.body(body.to_owned());
        }
        keyed_outcome(&self.client.send(request, job.timeout).await?, job.attempt)
    }

    async fn authorization(&self, job: &Job, actor: &Owner, action: &HttpAction) -> Result<Zeroizing<String>, Failure> {
        let issuer = self.tokens.as_ref().ok_or(DeliveryError::NoTokenIssuer)?;
        let audience = origin_of(action.uri()).ok_or(DeliveryError::Blocked(Blocked::Malformed))?;
        let request = TokenRequest { actor, scopes: action.scopes(), audience: &audience, timeout: job.timeout };
        let token = issuer.issue(&request).await?;
        Ok(Zeroizing::new(format!("Bearer {}", token.expose())))
    }
}

/// Parses a method. Standard methods are accepted in any case, as in the Fetch standard; HTTP itself is case-sensitive.
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
