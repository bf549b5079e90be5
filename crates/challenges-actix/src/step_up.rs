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

/// Identifies the signed-in user by the host's session. Implemented for functions `Fn(&HttpRequest) -> Option<Owner>`.
///
/// # Security
///
/// An attacker who is taken for a user is admitted with a stolen token of that user. Use the session alone. A user name
/// in the path or in a header of the request proves nothing.
#[async_trait(?Send)]
pub trait SignedIn: Send + Sync + 'static {
    /// Returns the signed-in user, or `None` if nobody is signed in or the session cannot be read.
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

/// A middleware that applies a [`StepUpGate`] to routes: only a signed-in user who recently passed a challenge for the
/// gate's purpose is admitted. The extractor [`SteppedUp`] gives the handler that user.
///
/// Add the middleware with `wrap` to a resource, scope or route, and wrap the session's middleware later or further
/// out: the last middleware wrapped runs first. A refused request gets a 401 before its body is read.
///
/// # Examples
///
/// ```rust
/// use std::time::Duration;
///
/// use actix_web::error::{ErrorBadRequest, ErrorConflict, ErrorServiceUnavailable};
/// use actix_web::{App, Error, HttpMessage as _, HttpRequest, HttpResponse, web};
/// use challenges_actix::{Header, StepUpGate, StepUpMiddleware, SteppedUp};
/// use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, KeyRing, Owner, Purpose, State};
/// use challenges_memory::MemoryStore;
///
/// /// The session that the host's login adds to requests.
/// #[derive(Clone)]
/// struct Session {
///     user: Owner,
/// }
///
/// fn signed_in(request: &HttpRequest) -> Option<Owner> {
///     request.extensions().get::<Session>().map(|session| session.user.clone())
/// }
///
/// /// Starts a challenge. The page then asks for the code of the user's authenticator.
/// async fn begin(
///     session: web::ReqData<Session>,
///     challenges: web::Data<Challenges>,
///     gate: web::Data<StepUpGate>,
/// ) -> Result<String, Error> {
///     let spec = ChallengeSpec::new(ChallengeType::Totp).map_err(refused)?.with_purpose(gate.purpose().clone());
///     let created = challenges.create(session.user.clone(), spec).await.map_err(refused)?;
///     match created.challenge.state() {
///         State::Issued => Ok(created.challenge.id().to_string()),
///         _ => Err(ErrorConflict("add an authenticator first")),
///     }
/// }
///
/// /// Takes `ID CODE` from the page. The response to the right code sets the step-up cookie.
/// async fn finish(
///     body: String,
///     session: web::ReqData<Session>,
///     challenges: web::Data<Challenges>,
///     gate: web::Data<StepUpGate>,
/// ) -> Result<HttpResponse, Error> {
///     let (id, code) = body.split_once(' ').ok_or_else(|| ErrorBadRequest("send ID CODE"))?;
///     let id = id.parse().map_err(ErrorBadRequest)?;
///     let answer = Answer::allow(id, ChallengeType::Totp, code).by_owner(&session.user);
///     let answered = challenges.answer(answer).await.map_err(refused)?;
///     let passed = answered.passed().ok_or_else(|| ErrorBadRequest("declined"))?;
///     let cookie = Header::from(gate.grant(&passed).map_err(refused)?);
///     Ok(HttpResponse::Ok().append_header(cookie).finish())
/// }
///
/// async fn transfer(SteppedUp(step_up): SteppedUp) -> String {
///     format!("transferred for {}", step_up.owner().user_id())
/// }
///
/// fn refused(error: impl Into<challenges_core::Error>) -> Error {
///     use challenges_core::Error::{AnswerRefused, Invalid, NotFound};
///     match error.into() {
///         error @ (AnswerRefused | NotFound | Invalid(_)) => ErrorBadRequest(error.to_string()),
///         _ => ErrorServiceUnavailable("try again later"),
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;
/// let gate = StepUpGate::new(challenges.clone(), Purpose::new("transfer")?, Duration::from_secs(300));
///
/// let app = move || {
///     App::new()
///         .app_data(web::Data::new(challenges.clone()))
///         .app_data(web::Data::new(gate.clone()))
///         .service(
///             web::resource("/transfer")
///                 .wrap(StepUpMiddleware::new(gate.clone(), signed_in))
///                 .route(web::post().to(transfer)),
///         )
///         .route("/step-up", web::post().to(begin))
///         .route("/step-up/answer", web::post().to(finish))
///     // .wrap(the host's session)
/// };
/// # let service = actix_web::test::init_service(app()).await;
/// # let ask = async |session: Option<Session>, path: &str| {
/// #     let request = actix_web::test::TestRequest::post().uri(path).to_request();
/// #     session.map(|session| request.extensions_mut().insert(session));
/// #     actix_web::test::call_service(&service, request).await.status().as_u16()
/// # };
/// # let session = Session { user: Owner::user("alice")? };
/// # assert_eq!([ask(None, "/transfer").await, ask(Some(session.clone()), "/transfer").await], [401, 401]);
/// # assert_eq!(ask(Some(session), "/step-up").await, 409);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct StepUpMiddleware {
    gate: StepUpGate,
    signed_in: Arc<dyn SignedIn>,
}

impl StepUpMiddleware {
    /// Creates a middleware from a gate and the host's session.
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

/// The service of a [`StepUpMiddleware`].
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

/// An extractor for the proof of step-up on a route behind a [`StepUpMiddleware`].
///
/// On a route without the middleware, the extractor rejects the request with 500 and logs an error. A handler with this
/// argument therefore never runs without the gate.
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
    InternalError::from_response("this route has no step-up gate; wrap it in a StepUpMiddleware", response).into()
}
