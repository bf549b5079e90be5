//! A login on actix whose users pass a challenge before they transfer money.

use std::error::Error as StdError;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::{
    ErrorBadRequest, ErrorConflict, ErrorForbidden, ErrorNotFound, ErrorServiceUnavailable, ErrorUnauthorized,
};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{Data, Json, Path, ReqData, ServiceConfig, post, resource};
use actix_web::{App, Error, HttpMessage as _, HttpRequest, HttpResponse, HttpServer};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use challenges_actix::{Header, StepUpGate, StepUpMiddleware, SteppedUp};
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, KeyRing, Owner, Purpose, State};
use challenges_core::totp::TotpEnrollment;
use challenges_sqlite::SqliteStore;
use serde_json::{Value, json};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn StdError>> {
    let keys = std::env::var("CHALLENGES_KEYS").map_err(|_| "CHALLENGES_KEYS is not set")?;
    let mfa = mfa("challenges.db", &keys).await?;

    // Around all of them: every route knows who is signed in.
    let app = move || App::new().wrap(from_fn(login)).configure(|app| routes(app, &mfa));
    let server = HttpServer::new(app).bind("127.0.0.1:3000")?;
    println!("listening at http://localhost:3000");
    server.run().await?;
    Ok(())
}

pub(crate) async fn mfa(file: &str, keys: &str) -> Result<Mfa, Box<dyn StdError>> {
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

/// The login that is there already; here a password in each request.
pub(crate) async fn login(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
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

/// Who is signed in, for the middleware: from the login and nothing else.
fn signed_in(request: &HttpRequest) -> Option<Owner> {
    request.extensions().get().cloned()
}

#[derive(Clone)]
pub(crate) struct Mfa {
    challenges: Challenges,
    gate: StepUpGate,
}

/// Whoever has stolen a session must not add an app of their own to it. So a user has one app here, and another one takes
/// an administrator; ask for a step-up instead where users add more themselves.
async fn has_none_yet(mfa: &Mfa, user: &Owner) -> Result<(), Error> {
    let enrollments = mfa.challenges.totp().list(user, None, 100).await.map_err(refused)?;
    if enrollments.iter().any(TotpEnrollment::is_completed) {
        return Err(ErrorConflict("there is an authenticator app already"));
    }
    Ok(())
}

/// A key for the user's authenticator app. It is shown once; most pages show it as a QR code.
async fn enroll(mfa: Data<Mfa>, user: ReqData<Owner>) -> Result<Json<Value>, Error> {
    let user = user.into_inner();
    has_none_yet(&mfa, &user).await?;
    let created = mfa.challenges.totp().create(user.clone()).await.map_err(refused)?;
    let uri = created.key.otpauth_uri("Example Bank", user.user_id()).map_err(refused)?;
    let key = created.key.to_base32();
    Ok(Json(json!({ "id": created.enrollment.id(), "key": key.expose(), "uri": uri.expose() })))
}

/// The first code shows that the app has the key. Until then the enrollment is good for nothing.
async fn confirm(mfa: Data<Mfa>, user: ReqData<Owner>, id: Path<String>, code: String) -> Result<HttpResponse, Error> {
    has_none_yet(&mfa, &user).await?;
    let id = id.parse().map_err(refused)?;
    mfa.challenges.totp().confirm(&user, id, &code.trim().into()).await.map_err(refused)?;
    Ok(HttpResponse::Ok().finish())
}

/// The page has been told 401 by `/transfer`, and asks for a challenge.
async fn begin(mfa: Data<Mfa>, user: ReqData<Owner>) -> Result<String, Error> {
    let spec = ChallengeSpec::new(ChallengeType::Totp).map_err(refused)?.with_purpose(mfa.gate.purpose().clone());
    let created = mfa.challenges.create(user.into_inner(), spec).await.map_err(refused)?;
    if created.challenge.state() != State::Issued {
        return Err(ErrorConflict("add an authenticator app first"));
    }
    Ok(created.challenge.id().to_string())
}

/// The right code comes back as a cookie that opens `/transfer` for five minutes.
async fn finish(mfa: Data<Mfa>, user: ReqData<Owner>, id: Path<String>, code: String) -> Result<HttpResponse, Error> {
    let id = id.parse().map_err(refused)?;
    let answer = Answer::allow(id, ChallengeType::Totp, code.trim()).by_owner(&user);
    let answered = mfa.challenges.answer(answer).await.map_err(refused)?;
    let passed = answered.passed().ok_or_else(|| ErrorBadRequest("declined"))?;
    let cookie = Header::from(mfa.gate.grant(&passed).map_err(refused)?);
    Ok(HttpResponse::Ok().append_header(cookie).finish())
}

/// It does not run without the middleware, whoever changes the routes.
async fn transfer(SteppedUp(step_up): SteppedUp) -> String {
    format!("transferred for {}\n", step_up.owner().user_id())
}

fn refused(error: impl Into<challenges_core::Error>) -> Error {
    use challenges_core::Error::{AnswerRefused, Invalid, NotFound, StepUp};
    match error.into() {
        error @ NotFound => ErrorNotFound(error),
        error @ (AnswerRefused | Invalid(_)) => ErrorBadRequest(error),
        error @ StepUp(_) => ErrorForbidden(error),
        error => {
            eprintln!("multi-factor authentication: {error}");
            ErrorServiceUnavailable("try again later")
        }
    }
}
