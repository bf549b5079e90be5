use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::{FromRequestParts, OptionalFromRequestParts, OriginalUri, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use challenges_core::StepUp;
use challenges_http::{InvalidStepUpPath, StepUpFallback, StepUpGate};
use tower_layer::Layer;
use tower_service::Service;

use crate::SignedIn;

/// A layer that applies a [`StepUpGate`] to routes: only a signed-in user who recently passed a challenge for the
/// gate's purpose is admitted. The extractor [`SteppedUp`] gives the handler that user.
///
/// Add the layer with `Router::route_layer` or `MethodRouter::layer`, and add the layer of the session after it: the
/// last layer added runs first. A refused request gets a 401 before its body is read.
///
/// # Examples
///
/// ```rust
/// use std::time::Duration;
///
/// use axum::extract::State;
/// use axum::http::StatusCode;
/// use axum::http::request::Parts;
/// use axum::response::{IntoResponse, Response};
/// use axum::routing::post;
/// use axum::{Extension, Router};
/// use challenges_axum::{Error, StepUpGate, StepUpLayer, SteppedUp};
/// use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, KeyRing, Owner, Purpose};
/// use challenges_memory::MemoryStore;
///
/// /// The session that the host's login adds to requests.
/// #[derive(Clone)]
/// struct Session {
///     user: Owner,
/// }
///
/// fn signed_in(parts: &Parts) -> Option<Owner> {
///     parts.extensions.get::<Session>().map(|session| session.user.clone())
/// }
///
/// #[derive(Clone)]
/// struct App {
///     challenges: Challenges,
///     transfer: StepUpGate,
/// }
///
/// /// Starts a challenge. The page then asks for the code of the user's authenticator.
/// async fn begin(State(app): State<App>, Extension(session): Extension<Session>) -> Result<Response, Error> {
///     let spec = ChallengeSpec::new(ChallengeType::Totp)?.with_purpose(app.transfer.purpose().clone());
///     let created = app.challenges.create(session.user, spec).await?;
///     Ok(match created.challenge.state() {
///         challenges_core::State::Issued => created.challenge.id().to_string().into_response(),
///         // The user has no authenticator yet.
///         _ => StatusCode::CONFLICT.into_response(),
///     })
/// }
///
/// /// Takes `ID CODE` from the page. The response to the right code sets the step-up cookie.
/// async fn finish(
///     State(app): State<App>,
///     Extension(session): Extension<Session>,
///     body: String,
/// ) -> Result<Response, Error> {
///     let (id, code) = body.split_once(' ').ok_or(challenges_core::Error::NotFound)?;
///     let answer = Answer::allow(id.parse()?, ChallengeType::Totp, code).by_owner(&session.user);
///     let Some(passed) = app.challenges.answer(answer).await?.passed() else {
///         return Ok(StatusCode::FORBIDDEN.into_response());
///     };
///     Ok([app.transfer.grant(&passed)?].into_response())
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
/// let app: Router = Router::new()
///     .route("/transfer", post(transfer))
///     .route_layer(StepUpLayer::new(gate.clone(), signed_in))
///     .route("/step-up", post(begin))
///     .route("/step-up/answer", post(finish))
///     // .layer(the host's session)
///     .with_state(App { challenges, transfer: gate });
/// # use axum::{body::Body, http::Request};
/// # use tower::ServiceExt as _;
/// # let session = Session { user: Owner::user("alice")? };
/// # let ask = async |session: Option<Session>, path: &str| {
/// #     let mut request = Request::post(path).body(Body::empty()).unwrap();
/// #     session.map(|session| request.extensions_mut().insert(session));
/// #     app.clone().oneshot(request).await.unwrap().status().as_u16()
/// # };
/// # assert_eq!([ask(None, "/transfer").await, ask(Some(session.clone()), "/transfer").await], [401, 401]);
/// # assert_eq!(ask(Some(session), "/step-up").await, 409);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct StepUpLayer {
    gate: StepUpGate,
    signed_in: Arc<dyn SignedIn>,
    fallback: StepUpFallback,
}

/// The result of the innermost gate around a handler.
#[derive(Clone)]
struct Admission(Result<StepUp, challenges_http::Response>);

impl StepUpLayer {
    /// Creates a layer from a gate and the host's session.
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

    async fn admit(&self, parts: &Parts) -> Result<Admission, challenges_http::Response> {
        if let Some(refused) = self.gate.refuse_prefetch(&parts.headers) {
            return Err(refused);
        }
        let user = self.signed_in.user(parts).await;
        let carried = parts.headers.get_all(self.gate.carrier()).iter();
        match self.gate.admit(user.as_ref(), carried.map(|value| value.as_bytes())).await {
            Err(refused) if !self.fallback.continues(&refused) => {
                // A nested router strips its prefix from the URI.
                let target = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
                Err(self.fallback.respond(refused, self.gate.purpose(), &parts.method, target, &parts.headers))
            }
            admitted => Ok(Admission(admitted)),
        }
    }
}

impl fmt::Debug for StepUpLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepUpLayer")
            .field("gate", &self.gate)
            .field("fallback", &self.fallback)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for StepUpLayer {
    type Service = StepUpService<S>;

    fn layer(&self, inner: S) -> StepUpService<S> {
        StepUpService { inner, layer: self.clone() }
    }
}

/// The service of a [`StepUpLayer`].
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
        // Call the instance that `poll_ready` found ready: a clone may not be ready.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let layer = self.layer.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            match layer.admit(&parts).await {
                Ok(admission) => {
                    parts.extensions.insert(admission);
                    inner.call(Request::from_parts(parts, body)).await
                }
                Err(refused) => Ok(refused.into_response()),
            }
        })
    }
}

/// An extractor for the proof of step-up on a route behind a [`StepUpLayer`].
///
/// | route | `SteppedUp` | `Option<SteppedUp>` |
/// |---|---|---|
/// | with the layer | the proof | the proof |
/// | with an [optional](StepUpLayer::optional) layer | the proof, or the 401 of the gate | the proof, or `None` |
/// | without the layer | 500, and an error is logged | `None` |
///
/// A handler with this argument therefore never runs without the gate.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a pattern in the arguments of handlers")]
pub struct SteppedUp(pub StepUp);

impl<S: Send + Sync> FromRequestParts<S> for SteppedUp {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        match parts.extensions.get() {
            Some(Admission(Ok(step_up))) => Ok(Self(step_up.clone())),
            Some(Admission(Err(refused))) => Err(refused.clone().into_response()),
            None => Err(StepUpGate::missing().into_response()),
        }
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for SteppedUp {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        match parts.extensions.get() {
            Some(Admission(Ok(step_up))) => Ok(Some(Self(step_up.clone()))),
            Some(Admission(Err(_))) | None => Ok(None),
        }
    }
}
