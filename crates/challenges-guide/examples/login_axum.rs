//! A login on axum with a step-up before money is transferred.

use std::time::Duration;

use anyhow::Context as _;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Json, Router};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use challenges::axum::{Error, StepUpGate, StepUpLayer, SteppedUp};
use challenges::sqlite::SqliteStore;
use challenges::{Answer, ChallengeSpec, ChallengeType, Challenges, Grant, KeyRing, Owner, Purpose, Secret};
use serde_json::json;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let keys = std::env::var("CHALLENGES_KEYS").context("CHALLENGES_KEYS is not set")?;
    let app = app("challenges.db", &keys).await?;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening at http://localhost:3000");
    axum::serve(listener, app).await?;
    Ok(())
}

pub(crate) async fn app(file: &str, keys: &str) -> anyhow::Result<Router> {
    let keys: KeyRing = keys.parse()?;
    let challenges = Challenges::builder(SqliteStore::open(file)?, keys).build().await?;
    let gate = StepUpGate::new(challenges.clone(), Purpose::new("transfer")?, Duration::from_secs(300));

    Ok(Router::new()
        .route("/transfer", post(transfer))
        // Protects the routes above, and not the routes below.
        .route_layer(StepUpLayer::new(gate.clone(), signed_in))
        .route("/totp", post(enroll))
        .route("/totp/{id}", post(confirm))
        .route("/step-up", post(begin))
        .route("/step-up/{id}", post(finish))
        // Added last, runs first: every handler knows the signed-in user.
        .layer(from_fn(login))
        .with_state(Mfa { challenges, gate }))
}

/// Stands in for your login: a password in each request.
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

/// Returns the signed-in user to the layer, from the login alone.
fn signed_in(request: &Parts) -> Option<Owner> {
    request.extensions.get().cloned()
}

#[derive(Clone)]
pub(crate) struct Mfa {
    challenges: Challenges,
    gate: StepUpGate,
}

/// Returns a key for the user's authenticator app, shown once. Most pages show the URI as a QR code.
///
/// The grant admits the first factor only, so a stolen session adds no other app. Where users add further apps themselves,
/// have them pass a challenge for `Purpose::manage_factors`, and use `Grant::step_up`.
async fn enroll(State(mfa): State<Mfa>, Extension(user): Extension<Owner>) -> Result<Response, Error> {
    let (enrollment, key) = mfa.challenges.totp().create(user.clone(), &Grant::first_factor()).await?;
    let uri = key.otpauth_uri("Example Bank", user.user_id())?;
    let key = key.to_base32();
    Ok(Json(json!({ "id": enrollment.id(), "key": key.expose(), "uri": uri.expose() })).into_response())
}

/// Completes the enrollment with the first code of the app. A pending enrollment answers no challenge.
async fn confirm(
    State(mfa): State<Mfa>,
    Extension(user): Extension<Owner>,
    Path(id): Path<String>,
    code: String,
) -> Result<StatusCode, Error> {
    mfa.challenges.totp().confirm(&user, &Grant::first_factor(), id.parse()?, &Secret::from_typed(&code)).await?;
    Ok(StatusCode::OK)
}

/// Starts a challenge, after `/transfer` returned 401.
async fn begin(State(mfa): State<Mfa>, Extension(user): Extension<Owner>) -> Result<Response, Error> {
    let spec = ChallengeSpec::new(ChallengeType::Totp)?.with_purpose(mfa.gate.purpose().clone());
    let challenge = mfa.challenges.create(user, spec).await?.challenge;
    if challenge.state() != challenges::State::Issued {
        return Ok((StatusCode::CONFLICT, "add an authenticator app first").into_response());
    }
    Ok(challenge.id().to_string().into_response())
}

/// Exchanges the right code for a cookie that admits to `/transfer` for five minutes.
async fn finish(
    State(mfa): State<Mfa>,
    Extension(user): Extension<Owner>,
    Path(id): Path<String>,
    code: String,
) -> Result<Response, Error> {
    let answer = Answer::allow(id.parse()?, ChallengeType::Totp, Secret::from_typed(&code)).by_owner(&user);
    match mfa.challenges.answer(answer).await?.passed() {
        Some(passed) => Ok([mfa.gate.grant(&passed)?].into_response()),
        None => Ok(StatusCode::FORBIDDEN.into_response()),
    }
}

/// Rejects every request when the layer is missing, because of the extractor.
async fn transfer(SteppedUp(step_up): SteppedUp) -> String {
    format!("transferred for {}\n", step_up.owner().user_id())
}
