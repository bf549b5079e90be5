//! A login on actix with a step-up before money is transferred.

use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::ErrorUnauthorized;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{Data, Path, ReqData, ServiceConfig, post, resource};
use actix_web::{App, HttpMessage as _, HttpRequest, HttpResponse, HttpServer};
use anyhow::Context as _;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use challenges::actix::{Error, Header, StepUpGate, StepUpMiddleware, SteppedUp};
use challenges::sqlite::SqliteStore;
use challenges::{Answer, ChallengeSpec, ChallengeType, Challenges, Grant, KeyRing, Owner, Purpose, Secret, State};
use serde_json::json;

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let keys = std::env::var("CHALLENGES_KEYS").context("CHALLENGES_KEYS is not set")?;
    let mfa = mfa("challenges.db", &keys).await?;

    // Around the whole application: every handler knows the signed-in user.
    let app = move || App::new().wrap(from_fn(login)).configure(|app| routes(app, &mfa));
    let server = HttpServer::new(app).bind("127.0.0.1:3000")?;
    println!("listening at http://localhost:3000");
    server.run().await?;
    Ok(())
}

pub(crate) async fn mfa(file: &str, keys: &str) -> anyhow::Result<Mfa> {
    let keys: KeyRing = keys.parse()?;
    let challenges = Challenges::builder(SqliteStore::open(file)?, keys).build().await?;
    let gate = StepUpGate::new(challenges.clone(), Purpose::new("transfer")?, Duration::from_secs(300));
    Ok(Mfa { challenges, gate })
}

pub(crate) fn routes(app: &mut ServiceConfig, mfa: &Mfa) {
    let gate = StepUpMiddleware::new(mfa.gate.clone(), signed_in);
    app.app_data(Data::new(mfa.clone()))
        .service(resource("/transfer").wrap(gate).route(post().to(transfer)))
        .route("/totp", post().to(enroll))
        .route("/totp/{id}", post().to(confirm))
        .route("/step-up", post().to(begin))
        .route("/step-up/{id}", post().to(finish));
}

/// Stands in for your login: a password in each request.
pub(crate) async fn login(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let pair = header.and_then(|value| BASE64_STANDARD.decode(value.strip_prefix("Basic ")?).ok());
    let user = match pair.as_deref() {
        Some(b"alice:wonderland") => Owner::user("alice"),
        Some(b"bob:builder") => Owner::user("bob"),
        _ => return Err(ErrorUnauthorized("sign in first")),
    };
    request.extensions_mut().insert(user.map_err(ErrorUnauthorized)?);
    next.call(request).await
}

/// Returns the signed-in user to the middleware, from the login alone.
fn signed_in(request: &HttpRequest) -> Option<Owner> {
    request.extensions().get().cloned()
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
async fn enroll(mfa: Data<Mfa>, user: ReqData<Owner>) -> Result<HttpResponse, Error> {
    let user = user.into_inner();
    let (enrollment, key) = mfa.challenges.totp().create(user.clone(), &Grant::first_factor()).await?;
    let uri = key.otpauth_uri("Example Bank", user.user_id())?;
    let key = key.to_base32();
    let shown = json!({ "id": enrollment.id(), "key": key.expose(), "uri": uri.expose() });
    Ok(HttpResponse::Ok().json(shown))
}

/// Completes the enrollment with the first code of the app. A pending enrollment answers no challenge.
async fn confirm(mfa: Data<Mfa>, user: ReqData<Owner>, id: Path<String>, code: String) -> Result<HttpResponse, Error> {
    mfa.challenges.totp().confirm(&user, &Grant::first_factor(), id.parse()?, &Secret::from_typed(&code)).await?;
    Ok(HttpResponse::Ok().finish())
}

/// Starts a challenge, after `/transfer` returned 401.
async fn begin(mfa: Data<Mfa>, user: ReqData<Owner>) -> Result<HttpResponse, Error> {
    let spec = ChallengeSpec::new(ChallengeType::Totp)?.with_purpose(mfa.gate.purpose().clone());
    let challenge = mfa.challenges.create(user.into_inner(), spec).await?.challenge;
    if challenge.state() != State::Issued {
        return Ok(HttpResponse::Conflict().body("add an authenticator app first"));
    }
    Ok(HttpResponse::Ok().body(challenge.id().to_string()))
}

/// Exchanges the right code for a cookie that admits to `/transfer` for five minutes.
async fn finish(mfa: Data<Mfa>, user: ReqData<Owner>, id: Path<String>, code: String) -> Result<HttpResponse, Error> {
    let answer = Answer::allow(id.parse()?, ChallengeType::Totp, Secret::from_typed(&code)).by_owner(&user);
    match mfa.challenges.answer(answer).await?.passed() {
        Some(passed) => Ok(HttpResponse::Ok().append_header(Header::from(mfa.gate.grant(&passed)?)).finish()),
        None => Ok(HttpResponse::Forbidden().finish()),
    }
}

/// Rejects every request when the middleware is missing, because of the extractor.
async fn transfer(SteppedUp(step_up): SteppedUp) -> String {
    format!("transferred for {}\n", step_up.owner().user_id())
}
