use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_trait::async_trait;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use challenges_core::{Owner, StepUp};
use challenges_http::StepUpGate;
use tower_layer::Layer;
use tower_service::Service;

/// Says who is signed in, by the host's session. Any function `Fn(&Parts) -> Option<Owner>` implements it.
///
/// # What a wrong implementation lets an attacker do
///
/// Whoever is taken for a user gets through with a token of that user. A name that the request brings along, such as in its
/// path or a header, is no session.
#[async_trait]
pub trait SignedIn: Send + Sync + 'static {
    /// The user, or nobody. Where that cannot be found out, nobody.
    async fn user(&self, request: &Parts) -> Option<Owner>;
}

#[async_trait]
impl<F> SignedIn for F
where
    F: Fn(&Parts) -> Option<Owner> + Send + Sync + 'static,
{
    async fn user(&self, request: &Parts) -> Option<Owner> {
        self(request)
    }
}

/// Puts a [`StepUpGate`] before routes: only a signed-in user who passed a challenge for the gate's purpose lately gets to
/// them. The handler finds in [`SteppedUp`] who that is.
///
/// Add it with `Router::route_layer` or `MethodRouter::layer`, and the layer of the session after it: what is added last
/// runs first. Whoever is refused gets 401, before anything of the body is read.
#[derive(Clone)]
pub struct StepUpLayer {
    gate: StepUpGate,
    signed_in: Arc<dyn SignedIn>,
}

impl StepUpLayer {
    /// The layer of that gate, for the users of that session.
    pub fn new(gate: StepUpGate, signed_in: impl SignedIn) -> Self {
        Self { gate, signed_in: Arc::new(signed_in) }
    }

    async fn admit(&self, parts: &Parts) -> Result<StepUp, challenges_http::Response> {
        let user = self.signed_in.user(parts).await;
        let carried = parts.headers.get_all(self.gate.carrier()).iter();
        self.gate.admit(user.as_ref(), carried.map(|value| value.as_bytes())).await
    }
}

impl fmt::Debug for StepUpLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepUpLayer").field("gate", &self.gate).finish_non_exhaustive()
    }
}

impl<S> Layer<S> for StepUpLayer {
    type Service = StepUpService<S>;

    fn layer(&self, inner: S) -> StepUpService<S> {
        StepUpService { inner, layer: self.clone() }
    }
}

/// What [`StepUpLayer`] makes of a service.
#[derive(Clone, Debug)]
pub struct StepUpService<S> {
    inner: S,
    layer: StepUpLayer,
}

impl<S> Service<Request> for StepUpService<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The one that was found ready is taken, as a clone need not be.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let layer = self.layer.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            match layer.admit(&parts).await {
                Ok(step_up) => {
                    parts.extensions.insert(step_up);
                    inner.call(Request::from_parts(parts, body)).await
                }
                Err(refused) => Ok(refused.into_response()),
            }
        })
    }
}

/// Who passed what, and when, on a route behind a [`StepUpLayer`]. On any other route it is a 500, and an error in the log:
/// a handler that takes it cannot run without the gate.
#[derive(Clone, Debug)]
pub struct SteppedUp(pub StepUp);

impl<S: Send + Sync> FromRequestParts<S> for SteppedUp {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let step_up = parts.extensions.get::<StepUp>().cloned();
        step_up.map(Self).ok_or_else(|| StepUpGate::missing().into_response())
    }
}
