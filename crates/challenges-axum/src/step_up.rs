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

/// Identifies the signed-in user by the host's session. Implemented for functions `Fn(&Parts) -> Option<Owner>`.
///
/// # Security
///
/// An attacker who is taken for a user is admitted with a stolen token of that user. Use the session alone. A user name
/// in the path or in a header of the request proves nothing.
#[async_trait]
pub trait SignedIn: Send + Sync + 'static {
    /// Returns the signed-in user, or `None` if nobody is signed in or the session cannot be read.
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
/// use challenges_axum::{StepUpGate, StepUpLayer, SteppedUp};
/// use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, Error, KeyRing, Owner, Purpose};
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
/// async fn begin(State(app): State<App>, Extension(session): Extension<Session>) -> Result<String, StatusCode> {
///     let spec = ChallengeSpec::new(ChallengeType::Totp).map_err(refused)?.with_purpose(app.transfer.purpose().clone());
///     let created = app.challenges.create(session.user, spec).await.map_err(refused)?;
///     match created.challenge.state() {
///         challenges_core::State::Issued => Ok(created.challenge.id().to_string()),
///         // The user has no authenticator yet.
///         _ => Err(StatusCode::CONFLICT),
///     }
/// }
///
/// /// Takes `ID CODE` from the page. The response to the right code sets the step-up cookie.
/// async fn finish(
///     State(app): State<App>,
///     Extension(session): Extension<Session>,
///     body: String,
/// ) -> Result<Response, StatusCode> {
///     let (id, code) = body.split_once(' ').ok_or(StatusCode::BAD_REQUEST)?;
///     let id = id.parse().map_err(|_| StatusCode::BAD_REQUEST)?;
///     let answer = Answer::allow(id, ChallengeType::Totp, code).by_owner(&session.user);
///     let answered = app.challenges.answer(answer).await.map_err(refused)?;
///     let passed = answered.passed().ok_or(StatusCode::BAD_REQUEST)?;
///     Ok([app.transfer.grant(&passed).map_err(refused)?].into_response())
/// }
///
/// async fn transfer(SteppedUp(step_up): SteppedUp) -> String {
///     format!("transferred for {}", step_up.owner().user_id())
/// }
///
/// fn refused(error: impl Into<Error>) -> StatusCode {
///     match error.into() {
///         Error::AnswerRefused | Error::NotFound | Error::Invalid(_) => StatusCode::BAD_REQUEST,
///         _ => StatusCode::SERVICE_UNAVAILABLE,
///     }
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
}

impl StepUpLayer {
    /// Creates a layer from a gate and the host's session.
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
                Ok(step_up) => {
                    parts.extensions.insert(step_up);
                    inner.call(Request::from_parts(parts, body)).await
                }
                Err(refused) => Ok(refused.into_response()),
            }
        })
    }
}

/// An extractor for the proof of step-up on a route behind a [`StepUpLayer`].
///
/// On a route without the layer, the extractor rejects the request with 500 and logs an error. A handler with this
/// argument therefore never runs without the gate.
#[derive(Clone, Debug)]
pub struct SteppedUp(pub StepUp);

impl<S: Send + Sync> FromRequestParts<S> for SteppedUp {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let step_up = parts.extensions.get::<StepUp>().cloned();
        step_up.map(Self).ok_or_else(|| StepUpGate::missing().into_response())
    }
}
