//! A bank with its own users and passwords, and the second factor by the pages of `challenges`, on axum.

mod html;
mod support;
mod users;

use std::time::Duration;

use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::{any, get, post};
use axum::{Extension, Router};
use challenges::axum::{FreshLogin, StepUpCookie, StepUpGate, StepUpLayer, SteppedUp, TowerSession};
use challenges::pages::{Pages, SecondFactor};
use challenges::sqlite::SqliteStore;
use challenges::webauthn::Webauthn;
use challenges::{Challenges, KeyRing, Owner, Policy, Purpose};
use maud::Markup;
use serde::Deserialize;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

use crate::users::{Failed, Users};

/// The key of the user's name in the session.
const USER: &str = "user";

#[derive(Clone)]
struct Bank {
    users: Users,
    challenges: Challenges,
    pages: Pages,
}

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let port: u16 = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let origin = format!("http://localhost:{port}");
    let app = app(&origin).await?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening at {origin}");
    Ok(axum::serve(listener, app).await?)
}

async fn app(origin: &str) -> Result<Router, Failed> {
    let mut policy = Policy::default();
    policy.trusted_purposes = vec![Pages::login_purpose()?]; // "Trust this browser" at sign-in.
    let webauthn = Webauthn::builder().relying_party("localhost".parse()?, [origin.parse()?]).build()?;
    let challenges =
        Challenges::builder(SqliteStore::open("challenges.db")?, KeyRing::open_or_create("challenges.keys")?)
            .policy(policy)
            .webauthn(webauthn)
            .build()
            .await?;
    let gate = |purpose: &str| {
        let cookie = StepUpCookie::named(purpose)?.danger_without_tls(); // Without TLS at localhost only.
        let gate = StepUpGate::new(challenges.clone(), Purpose::new(purpose)?, Duration::from_secs(300));
        Ok::<_, Failed>(gate.with_cookie(cookie))
    };
    let (transfers, support_gate) = (gate("transfer")?, gate("support")?);
    let pages = Pages::builder(challenges.clone(), origin)
        .name("Example Bank")
        .step_up(transfers.clone())
        .step_up(support_gate.clone())
        .build()?;
    let behind = |gate| StepUpLayer::new(gate, TowerSession::user_id(USER)).or_redirect(pages.factor_path());
    Ok(Router::new()
        .route("/transfer", get(async || html::transfer()).post(transfer).layer(behind(transfers)?))
        .route("/support", any(support::support).layer(behind(support_gate)?))
        .route("/", get(home))
        .route("/sign-up", get(async || html::sign_up("")).post(sign_up))
        .route("/login", get(async || html::log_in("")).post(log_in))
        .route("/login/finish", get(finish))
        .route("/sign-out", post(sign_out))
        .merge(challenges::axum::pages(pages.clone(), TowerSession::user_id(USER)))
        .layer(Extension(pages.clone()))
        .layer(SessionManagerLayer::new(MemoryStore::default()).with_secure(false))
        .with_state(Bank { users: Users::open("users.db")?, challenges, pages }))
}

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
}

async fn sign_up(
    State(bank): State<Bank>,
    session: Session,
    Form(typed): Form<Credentials>,
) -> Result<Response, Failure> {
    let Ok(owner) = Owner::user(&typed.name) else { return Ok(html::sign_up("This is not a name.").into_response()) };
    if !bank.users.add(&typed.name, typed.password).await? {
        return Ok(html::sign_up("This name is taken.").into_response());
    }
    sign_in(&session, &owner).await?;
    Ok(Redirect::to(bank.pages.prefix()).into_response()) // To add a factor.
}

async fn log_in(
    State(bank): State<Bank>,
    session: Session,
    headers: HeaderMap,
    Form(typed): Form<Credentials>,
) -> Result<Response, Failure> {
    if !bank.users.verify(&typed.name, typed.password).await? {
        return Ok(html::log_in("Wrong name or password.").into_response());
    }
    let owner = Owner::user(typed.name)?;
    let mut cookies = Vec::new();
    match bank.pages.second_factor(&owner, &headers).after_password().await? {
        SecondFactor::NotEnrolled(_) => {}
        SecondFactor::Trusted(_, cookie) => cookies.push(cookie),
        SecondFactor::Required(redirect) => return Ok(redirect.into_response()),
    }
    sign_in(&session, &owner).await?;
    Ok((AppendHeaders(cookies), Redirect::to("/")).into_response())
}

/// Makes the session after the second factor.
async fn finish(session: Session, FreshLogin(login): FreshLogin) -> Result<Redirect, Failure> {
    sign_in(&session, login.owner()).await?;
    Ok(Redirect::to(login.return_to()))
}

async fn sign_in(session: &Session, owner: &Owner) -> Result<(), Failure> {
    session.cycle_id().await?;
    Ok(session.insert(USER, owner.user_id()).await?)
}

async fn sign_out(State(bank): State<Bank>, session: Session) -> Result<impl IntoResponse, Failure> {
    session.flush().await?;
    Ok((AppendHeaders(bank.pages.sign_out()), Redirect::to("/login")))
}

async fn home(State(bank): State<Bank>, session: Session) -> Result<Response, Failure> {
    Ok(match session.get::<String>(USER).await? {
        Some(user) => html::home(&user, bank.pages.prefix()).into_response(),
        None => Redirect::to("/login").into_response(),
    })
}

/// Rejects every request when the layer is missing, because of the extractor.
async fn transfer(SteppedUp(step_up): SteppedUp) -> Markup {
    html::message("Transfer", &format!("Transferred 100 for {}.", step_up.owner().user_id()))
}

/// Any error. The details go to the log, and the visitor sees none.
struct Failure(Failed);

impl<E: Into<Failed>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        eprintln!("{}", self.0);
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}
