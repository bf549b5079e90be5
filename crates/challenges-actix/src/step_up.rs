use std::fmt;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::StatusCode;
use actix_web::{Error, FromRequest, HttpMessage as _, HttpRequest, HttpResponse, ResponseError};
use challenges_core::StepUp;
use challenges_http::{Api, InvalidStepUpPath, Response, StepUpFallback, StepUpGate};

use crate::{SignedIn, convert};

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
/// use actix_web::{App, HttpMessage as _, HttpRequest, HttpResponse, web};
/// use challenges_actix::{Error, Header, StepUpGate, StepUpMiddleware, SteppedUp};
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
/// ) -> Result<HttpResponse, Error> {
///     let spec = ChallengeSpec::new(ChallengeType::Totp)?.with_purpose(gate.purpose().clone());
///     let created = challenges.create(session.user.clone(), spec).await?;
///     Ok(match created.challenge.state() {
///         State::Issued => HttpResponse::Ok().body(created.challenge.id().to_string()),
///         // The user has no authenticator yet.
///         _ => HttpResponse::Conflict().finish(),
///     })
/// }
///
/// /// Takes `ID CODE` from the page. The response to the right code sets the step-up cookie.
/// async fn finish(
///     body: String,
///     session: web::ReqData<Session>,
///     challenges: web::Data<Challenges>,
///     gate: web::Data<StepUpGate>,
/// ) -> Result<HttpResponse, Error> {
///     let (id, code) = body.split_once(' ').ok_or(challenges_core::Error::NotFound)?;
///     let answer = Answer::allow(id.parse()?, ChallengeType::Totp, code).by_owner(&session.user);
///     let Some(passed) = challenges.answer(answer).await?.passed() else {
///         return Ok(HttpResponse::Forbidden().finish());
///     };
///     Ok(HttpResponse::Ok().append_header(Header::from(gate.grant(&passed)?)).finish())
/// }
///
/// async fn transfer(SteppedUp(step_up): SteppedUp) -> String {
///     format!("transferred for {}", step_up.owner().user_id())
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
    fallback: StepUpFallback,
}

/// The result of the innermost gate around a handler.
#[derive(Clone)]
struct Admission(Result<StepUp, Response>);

impl StepUpMiddleware {
    /// Creates a middleware from a gate and the host's session.
    pub fn new(gate: StepUpGate, signed_in: impl SignedIn) -> Self {
        Self { gate, signed_in: Arc::new(signed_in), fallback: StepUpFallback::default() }
    }

    /// Redirects browsers to the page at `path` instead of sending a 401, so that the user can pass a challenge there.
    ///
    /// The redirect is a 303 with two query parameters: `purpose`, the purpose of the gate, and `return_to`, the path
    /// and query of the request. Only navigations are redirected: a `GET` or `HEAD` request with `text/html` in
    /// `Accept`, and with `navigate` in `Sec-Fetch-Mode` where the browser sends that header. All other requests get
    /// the 401. Requests without a signed-in user are redirected as well, so the page starts with the sign-in where
    /// needed.
    ///
    /// # Security
    ///
    /// Anybody can link to the page with a `return_to` of their own. Before the page leads back, check that `return_to`
    /// starts with a single `/` and has no `\`.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidStepUpPath`] unless `path` starts with a single `/` and has visible ASCII characters without
    /// `?`, `#` and `\`.
    pub fn or_redirect(self, path: impl Into<String>) -> Result<Self, InvalidStepUpPath> {
        Ok(Self { fallback: StepUpFallback::redirect(path)?, ..self })
    }

    /// Admits requests without step-up as well. The handler tells them apart with `Option<SteppedUp>`.
    ///
    /// A failure of the store is still a 503 or 500.
    #[must_use]
    pub fn optional(self) -> Self {
        Self { fallback: StepUpFallback::optional(), ..self }
    }

    async fn admit(&self, request: &HttpRequest) -> Result<Admission, Response> {
        let target = request.uri().path_and_query().map_or("", |target| target.as_str());
        let head = convert::request(request, target, ()).map_err(|error| {
            // Without the headers, a prefetch cannot be distinguished from a click.
            tracing::error!(%error, "cannot convert a request");
            Api::failure()
        })?;
        if let Some(refused) = self.gate.refuse_prefetch(head.headers()) {
            return Err(refused);
        }
        let user = self.signed_in.user(request).await;
        let carried = request.headers().get_all(self.gate.carrier().as_str());
        match self.gate.admit(user.as_ref(), carried.map(|value| value.as_bytes())).await {
            Err(refused) if !self.fallback.continues(&refused) => {
                Err(self.fallback.respond(refused, self.gate.purpose(), head.method(), head.uri(), head.headers()))
            }
            admitted => Ok(Admission(admitted)),
        }
    }
}

impl fmt::Debug for StepUpMiddleware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepUpMiddleware")
            .field("gate", &self.gate)
            .field("fallback", &self.fallback)
            .finish_non_exhaustive()
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
                Ok(admission) => {
                    request.extensions_mut().insert(admission);
                    Ok(inner.call(request).await?.map_into_left_body())
                }
                Err(refused) => Ok(request.into_response(convert::response(refused)).map_into_right_body()),
            }
        })
    }
}

/// An extractor for the proof of step-up on a route behind a [`StepUpMiddleware`].
///
/// | route | `SteppedUp` | `Option<SteppedUp>` |
/// |---|---|---|
/// | with the middleware | the proof | the proof |
/// | with an [optional](StepUpMiddleware::optional) middleware | the proof, or the 401 of the gate | the proof, or `None` |
/// | without the middleware | 500, and an error is logged | `None` |
///
/// A handler with this argument therefore never runs without the gate.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a pattern in the arguments of handlers")]
pub struct SteppedUp(pub StepUp);

impl FromRequest for SteppedUp {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match request.extensions().get::<Admission>() {
            Some(Admission(Ok(step_up))) => Ok(Self(step_up.clone())),
            Some(Admission(Err(refused))) => Err(NotSteppedUp(Some(refused.clone())).into()),
            None => Err(NotSteppedUp(None).into()),
        })
    }
}

/// The rejection of [`SteppedUp`]: the refusal of the gate, or `None` without a gate.
///
/// `Option<SteppedUp>` drops the rejection, so a missing gate is logged only when the response is made.
#[derive(Debug, thiserror::Error)]
#[error("the request has no step-up")]
struct NotSteppedUp(Option<Response>);

impl ResponseError for NotSteppedUp {
    fn status_code(&self) -> StatusCode {
        self.0.as_ref().map_or(StatusCode::INTERNAL_SERVER_ERROR, |refused| convert::status(refused.status()))
    }

    fn error_response(&self) -> HttpResponse {
        convert::response(self.0.clone().unwrap_or_else(StepUpGate::missing))
    }
}
