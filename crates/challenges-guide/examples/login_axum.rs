//! A login on axum whose users pass a challenge before they transfer money.

use std::error::Error as StdError;
use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Json, Router};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use challenges_axum::{StepUpGate, StepUpLayer, SteppedUp};
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, Error, KeyRing, Owner, Purpose};
use challenges_core::totp::TotpEnrollment;
use challenges_sqlite::SqliteStore;
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Box<dyn StdError>> {
    let keys = std::env::var("CHALLENGES_KEYS").map_err(|_| "CHALLENGES_KEYS is not set")?;
    let app = app("challenges.db", &keys).await?;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening at http://localhost:3000");
    axum::serve(listener, app).await?;
    Ok(())
}

pub(crate) async fn app(file: &str, keys: &str) -> Result<Router, Box<dyn StdError>> {
    let keys: KeyRing = keys.parse()?;
    let challenges = Challenges::builder(SqliteStore::open(file)?, keys).build().await?;
    let gate = StepUpGate::new(challenges.clone(), Purpose::new("transfer")?, Duration::from_secs(300));

    Ok(Router::new()
        .route("/transfer", post(transfer))
        // Before the routes above, and not before those below.
        .route_layer(StepUpLayer::new(gate.clone(), signed_in))
        .route("/totp", post(enroll))
        .route("/totp/{id}", post(confirm))
        .route("/step-up", post(begin))
        .route("/step-up/{id}", post(finish))
        // Added last, runs first: all of them know who is signed in.
        .layer(from_fn(login))
        .with_state(Mfa { challenges, gate }))
}

/// The login that is there already; here a password in each request.
pub(crate) async fn login(mut request: Request, next: Next) -> Response {
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let pair = header.and_then(|value| BASE64_STANDARD.decode(value.strip_prefix("Basic ")?).ok());
    let user = match pair.as_deref() {
        Some(b"alice:wonderland") => Owner::user("alice"),
        Some(b"bob:builder") => Owner::user("bob"),
        _ => return StatusCode::UNAUTHORIZED.into_response(),
    };
    let Ok(user) = user else { return StatusCode::UNAUTHORIZED.into_response() };
    request.extensions_mut().insert(user);
    next.run(request).await
}

/// Who is signed in, for the layer: from the login and nothing else.
fn signed_in(request: &Parts) -> Option<Owner> {
    request.extensions.get().cloned()
}

#[derive(Clone)]
pub(crate) struct Mfa {
    challenges: Challenges,
    gate: StepUpGate,
}

/// Whoever has stolen a session must not add an app of their own to it. So a user has one app here, and another one takes
/// an administrator; ask for a step-up instead where users add more themselves.
async fn has_none_yet(mfa: &Mfa, user: &Owner) -> Result<(), Refusal> {
    let enrollments = mfa.challenges.totp().list(user, None, 100).await?;
    if enrollments.iter().any(TotpEnrollment::is_completed) {
        return Err(Refusal(StatusCode::CONFLICT, "there is an authenticator app already".to_owned()));
    }
    Ok(())
}

/// A key for the user's authenticator app. It is shown once; most pages show it as a QR code.
async fn enroll(State(mfa): State<Mfa>, Extension(user): Extension<Owner>) -> Result<Json<Value>, Refusal> {
    has_none_yet(&mfa, &user).await?;
    let created = mfa.challenges.totp().create(user.clone()).await?;
    let uri = created.key.otpauth_uri("Example Bank", user.user_id())?;
    let key = created.key.to_base32();
    Ok(Json(json!({ "id": created.enrollment.id(), "key": key.expose(), "uri": uri.expose() })))
}

/// The first code shows that the app has the key. Until then the enrollment is good for nothing.
async fn confirm(
    State(mfa): State<Mfa>,
    Extension(user): Extension<Owner>,
    Path(id): Path<String>,
    code: String,
) -> Result<(), Refusal> {
    has_none_yet(&mfa, &user).await?;
    mfa.challenges.totp().confirm(&user, id.parse()?, &code.trim().into()).await?;
    Ok(())
}

/// The page has been told 401 by `/transfer`, and asks for a challenge.
async fn begin(State(mfa): State<Mfa>, Extension(user): Extension<Owner>) -> Result<String, Refusal> {
    let spec = ChallengeSpec::new(ChallengeType::Totp)?.with_purpose(mfa.gate.purpose().clone());
    let challenge = mfa.challenges.create(user, spec).await?.challenge;
    if challenge.state() != challenges_core::State::Issued {
        return Err(Refusal(StatusCode::CONFLICT, "add an authenticator app first".to_owned()));
    }
    Ok(challenge.id().to_string())
}

/// The right code comes back as a cookie that opens `/transfer` for five minutes.
async fn finish(
    State(mfa): State<Mfa>,
    Extension(user): Extension<Owner>,
    Path(id): Path<String>,
    code: String,
) -> Result<Response, Refusal> {
    let answer = Answer::allow(id.parse()?, ChallengeType::Totp, code.trim()).by_owner(&user);
    let passed = mfa.challenges.answer(answer).await?.passed().ok_or(Error::AnswerRefused)?;
    Ok([mfa.gate.grant(&passed)?].into_response())
}

/// It does not run without the layer, whoever changes the routes.
async fn transfer(SteppedUp(step_up): SteppedUp) -> String {
    format!("transferred for {}\n", step_up.owner().user_id())
}

/// A status, and what the page may tell the user.
struct Refusal(StatusCode, String);

impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        let error = error.into();
        let status = match error {
            Error::NotFound => StatusCode::NOT_FOUND,
            Error::AnswerRefused | Error::Invalid(_) => StatusCode::BAD_REQUEST,
            Error::StepUp(_) => StatusCode::FORBIDDEN,
            _ => {
                eprintln!("multi-factor authentication: {error}");
                return Self(StatusCode::SERVICE_UNAVAILABLE, "try again later".to_owned());
            }
        };
        Self(status, error.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}
