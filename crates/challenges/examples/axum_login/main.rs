//! axum-login: the session signs the user in, and a code of the user's app opens the route that transfers money.
//! `users.rs` stands for your existing login, and `browser.rs` for a browser.
//!
//! ```sh
//! cargo run -p challenges --example axum_login --features axum-login
//! ```

mod browser;
mod users;

use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::post;
use axum_login::tower_sessions::{MemoryStore as Sessions, SessionManagerLayer};
use axum_login::{AuthManagerLayerBuilder, AuthSession, AuthUser as _};
use challenges::axum::{AxumLogin, Error, StepUpGate, StepUpLayer, SteppedUp};
use challenges::memory::MemoryStore;
use challenges::{Answer, ChallengeSpec, ChallengeType, Challenges, Grant, KeyRing, Owner, Purpose, Secret};
use challenges_testkit::Authenticator;

use crate::browser::Browser;
use crate::users::{User, Users, sign_in};

/// Challenges the signed-in user, answers with the typed code, and sets the cookie of the gate.
async fn step_up(
    State((challenges, gate)): State<(Challenges, StepUpGate)>,
    session: AuthSession<Users>,
    code: String,
) -> Result<impl IntoResponse, Error> {
    let user = session.user.as_ref().map(User::id).ok_or(challenges::Error::NotFound)?;
    let owner = Owner::user(user)?;
    let spec = ChallengeSpec::new(ChallengeType::Totp)?.with_purpose(gate.purpose().clone());
    let id = challenges.create(owner.clone(), spec).await?.challenge.id();
    let answer = Answer::allow(id, ChallengeType::Totp, Secret::from_typed(&code)).by_owner(&owner);
    let passed = challenges.answer(answer).await?.passed().ok_or(challenges::Error::AnswerRefused)?;
    Ok([gate.grant(&passed)?])
}

/// Rejects every request when the layer is missing, because of the extractor.
async fn transfer(SteppedUp(step_up): SteppedUp) -> String {
    format!("transferred for {}", step_up.owner().user_id())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;
    let gate = StepUpGate::new(challenges.clone(), Purpose::new("transfer")?, Duration::from_secs(300));
    let sessions = SessionManagerLayer::new(Sessions::default());
    let app = Router::new()
        .route("/transfer", post(transfer))
        // Protects the route above. The layer of the session is added last, because the last layer runs first.
        .route_layer(StepUpLayer::new(gate.clone(), AxumLogin::<Users>::new()))
        .route("/sign-in", post(sign_in))
        .route("/step-up", post(step_up))
        .layer(AuthManagerLayerBuilder::new(Users, sessions).build())
        .with_state((challenges.clone(), gate));

    // Alice has an authenticator app, as in the example `totp`.
    let (alice, first) = (Owner::user("alice")?, Grant::first_factor());
    let (enrollment, key) = challenges.totp().create(alice.clone(), &first).await?;
    let phone = Authenticator::new(key.to_base32().expose()).context("no key")?;
    let typed = phone.code(challenges.now()).into();
    challenges.totp().confirm(&alice, &first, enrollment.id(), &typed).await?;

    let mut browser = Browser::new(app);
    assert_eq!(browser.post("/sign-in", "wonderland").await?.0, 200);
    println!("with the session alone: {}", browser.post("/transfer", "").await?.0);
    let code = phone.code(challenges.now().after(Duration::from_secs(30)));
    println!("with a wrong code: {}", browser.post("/step-up", "000000").await?.0);
    assert_eq!(browser.post("/step-up", &code).await?.0, 200);
    println!("{}", browser.post("/transfer", "").await?.1);
    Ok(())
}
