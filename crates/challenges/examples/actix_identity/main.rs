//! actix-identity: the session signs the user in, and a code of the user's app opens the route that transfers money.
//! `browser.rs` stands for a browser.
//!
//! ```sh
//! cargo run -p challenges --example actix_identity --features actix-identity
//! ```

mod browser;

use std::time::Duration;

use actix_identity::{Identity, IdentityMiddleware};
use actix_session::SessionMiddleware;
use actix_session::storage::CookieSessionStore;
use actix_web::cookie::Key;
use actix_web::web::{Data, post, resource};
use actix_web::{App, HttpMessage as _, HttpRequest, HttpResponse, test};
use anyhow::Context as _;
use challenges::actix::{ActixIdentity, Error, Header, StepUpGate, StepUpMiddleware, SteppedUp};
use challenges::memory::MemoryStore;
use challenges::{Answer, ChallengeSpec, ChallengeType, Challenges, Grant, KeyRing, Owner, Purpose, Secret};
use challenges_testkit::Authenticator;

use crate::browser::Browser;

/// Your login. The one user stands for a table with hashed passwords.
async fn sign_in(request: HttpRequest, password: String) -> HttpResponse {
    match password == "wonderland" && Identity::login(&request.extensions(), "alice".to_owned()).is_ok() {
        true => HttpResponse::Ok().finish(),
        false => HttpResponse::Unauthorized().finish(),
    }
}

/// Challenges the signed-in user, answers with the typed code, and sets the cookie of the gate.
async fn step_up(mfa: Data<(Challenges, StepUpGate)>, identity: Identity, code: String) -> Result<HttpResponse, Error> {
    let (challenges, gate) = mfa.get_ref();
    let owner = Owner::user(identity.id().map_err(|_| challenges::Error::NotFound)?)?;
    let spec = ChallengeSpec::new(ChallengeType::Totp)?.with_purpose(gate.purpose().clone());
    let id = challenges.create(owner.clone(), spec).await?.challenge.id();
    let answer = Answer::allow(id, ChallengeType::Totp, Secret::from_typed(&code)).by_owner(&owner);
    let passed = challenges.answer(answer).await?.passed().ok_or(challenges::Error::AnswerRefused)?;
    Ok(HttpResponse::Ok().append_header(Header::from(gate.grant(&passed)?)).finish())
}

/// Rejects every request when the middleware is missing, because of the extractor.
async fn transfer(SteppedUp(step_up): SteppedUp) -> String {
    format!("transferred for {}", step_up.owner().user_id())
}

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;
    let gate = StepUpGate::new(challenges.clone(), Purpose::new("transfer")?, Duration::from_secs(300));
    let app = App::new()
        .app_data(Data::new((challenges.clone(), gate.clone())))
        .service(
            resource("/transfer").wrap(StepUpMiddleware::new(gate, ActixIdentity::new())).route(post().to(transfer)),
        )
        .route("/sign-in", post().to(sign_in))
        .route("/step-up", post().to(step_up))
        // The session is wrapped last, because the last middleware runs first.
        .wrap(IdentityMiddleware::default())
        .wrap(SessionMiddleware::new(CookieSessionStore::default(), Key::generate()));

    // Alice has an authenticator app, as in the example `totp`.
    let (alice, first) = (Owner::user("alice")?, Grant::first_factor());
    let (enrollment, key) = challenges.totp().create(alice.clone(), &first).await?;
    let phone = Authenticator::new(key.to_base32().expose()).context("no key")?;
    challenges.totp().confirm(&alice, &first, enrollment.id(), &phone.code(challenges.now()).into()).await?;

    let mut browser = Browser::new(test::init_service(app).await);
    assert_eq!(browser.post("/sign-in", "wonderland").await?.0, 200);
    println!("with the session alone: {}", browser.post("/transfer", "").await?.0);
    println!("with a wrong code: {}", browser.post("/step-up", "000000").await?.0);
    let code = phone.code(challenges.now().after(Duration::from_secs(30)));
    assert_eq!(browser.post("/step-up", &code).await?.0, 200);
    println!("{}", browser.post("/transfer", "").await?.1);
    Ok(())
}
