use std::fmt;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::error::InternalError;
use actix_web::{Error, FromRequest, HttpMessage as _, HttpRequest, HttpResponse};
use async_trait::async_trait;
use challenges_core::{Owner, StepUp};
use challenges_http::StepUpGate;

use crate::convert;

/// Says who is signed in, by the host's session. Any function `Fn(&HttpRequest) -> Option<Owner>` implements it.
///
/// # What a wrong implementation lets an attacker do
///
/// Whoever is taken for a user gets through with a token of that user. A name that the request brings along, such as in its
/// path or a header, is no session.
#[async_trait(?Send)]
pub trait SignedIn: Send + Sync + 'static {
    /// The user, or nobody. Where that cannot be found out, nobody.
    async fn user(&self, request: &HttpRequest) -> Option<Owner>;
}

#[async_trait(?Send)]
impl<F> SignedIn for F
where
    F: Fn(&HttpRequest) -> Option<Owner> + Send + Sync + 'static,
{
    async fn user(&self, request: &HttpRequest) -> Option<Owner> {
        self(request)
    }
}

/// Puts a [`StepUpGate`] before routes: only a signed-in user who passed a challenge for the gate's purpose lately gets to
/// them. The handler finds in [`SteppedUp`] who that is.
///
/// Add it with `wrap` to a resource, scope or route, and the middleware of the session after it or further out: what is
/// wrapped last runs first. Whoever is refused gets 401, before anything of the body is read.
#[derive(Clone)]
pub struct StepUpMiddleware {
    gate: StepUpGate,
    signed_in: Arc<dyn SignedIn>,
}

impl StepUpMiddleware {
    /// The middleware of that gate, for the users of that session.
    pub fn new(gate: StepUpGate, signed_in: impl SignedIn) -> Self {
        Self { gate, signed_in: Arc::new(signed_in) }
    }

    async fn admit(&self, request: &HttpRequest) -> Result<StepUp, challenges_http::Response> {
        let user = self.signed_in.user(request).await;
        let carried = request.headers().get_all(self.gate.carrier().as_str());
        self.gate.admit(user.as_ref(), carried.map(|value| value.as_bytes())).await
    }
}

impl fmt::Debug for StepUpMiddleware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepUpMiddleware").field("gate", &self.gate).finish_non_exhaustive()
    }
}

impl<S, B> Transform<S, ServiceRequest> for StepUpMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = StepUpService<S>;
    type InitError = ();
    type Future = Ready<Result<StepUpService<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(StepUpService { inner: Rc::new(service), middleware: self.clone() }))
    }
}

/// What [`StepUpMiddleware`] makes of a service.
#[derive(Debug)]
pub struct StepUpService<S> {
    inner: Rc<S>,
    middleware: StepUpMiddleware,
}

impl<S, B> Service<ServiceRequest> for StepUpService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let (inner, middleware) = (self.inner.clone(), self.middleware.clone());
        Box::pin(async move {
            match middleware.admit(request.request()).await {
                Ok(step_up) => {
                    request.extensions_mut().insert(step_up);
                    Ok(inner.call(request).await?.map_into_left_body())
                }
                Err(refused) => Ok(request.into_response(convert::response(refused)).map_into_right_body()),
            }
        })
    }
}

/// Who passed what, and when, on a route behind a [`StepUpMiddleware`]. On any other route it is a 500, and an error in the
/// log: a handler that takes it cannot run without the gate.
#[derive(Clone, Debug)]
pub struct SteppedUp(pub StepUp);

impl FromRequest for SteppedUp {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let step_up = request.extensions().get::<StepUp>().cloned();
        ready(step_up.map(Self).ok_or_else(|| missing(convert::response(StepUpGate::missing()))))
    }
}

fn missing(response: HttpResponse) -> Error {
    InternalError::from_response("no step-up gate stands before this route", response).into()
}
