//! Users with passwords and sessions, the second factor by the pages of `challenges`, and a transfer behind a step-up.

use axum::extract::Form;
use axum::http::Method;
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use challenges::Owner;
use challenges::axum::{FreshLogin, StepUpGate, StepUpLayer, SteppedUp, TowerSession};
use challenges::pages::SecondFactor;
use demo_app::{Bank, Failed, Order, own_path};
use maud::Markup;
use serde::Deserialize;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

use crate::support::support;
use crate::visit::{Failure, Visit};

const USER: &str = "user"; // The key of the user's name in the session.

pub(crate) fn routes(bank: Bank) -> Result<Router, Failed> {
    let (pages, session) = (bank.pages.clone(), || TowerSession::user_id(USER));
    let behind = |gate: &StepUpGate| StepUpLayer::new(gate.clone(), session()).or_redirect(pages.factor_path());
    Ok(Router::new()
        .route("/transfer", get(transfer).post(transfer).layer(behind(&bank.transfer)?))
        .route("/support", get(support).post(support).layer(behind(&bank.support)?))
        .route("/", get(home))
        .route("/sign-up", get(async |visit: Visit| visit.design.sign_up(None)).post(sign_up))
        .route("/login", get(log_in_form).post(log_in))
        .route("/login/finish", get(finish))
        .route("/sign-out", post(sign_out))
        .merge(challenges::axum::pages(pages.clone(), session()))
        .layer(Extension(pages))
        .layer(SessionManagerLayer::new(MemoryStore::default()).with_name("bank").with_secure(bank.has_tls()))
        .with_state(bank))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Credentials {
    name: String,
    password: String,
    return_to: String,
}

async fn sign_up(visit: Visit, session: Session, Form(typed): Form<Credentials>) -> Result<Response, Failure> {
    let Visit { bank, design, .. } = &visit;
    let Ok(owner) = Owner::user(&typed.name) else { return Ok(design.sign_up(Some("bank-no-name")).into_response()) };
    let Some(_) = typed.password.chars().nth(7) else { return Ok(design.sign_up(Some("bank-short")).into_response()) };
    let has_factor = bank.challenges.account(&owner).status().await?.has_factor(); // Of an earlier user of this name.
    if has_factor || !bank.users.add(&typed.name, typed.password).await? {
        return Ok(design.sign_up(Some("bank-taken-name")).into_response());
    }
    sign_in(&visit, &session, &owner).await?;
    Ok(Redirect::to(bank.pages.prefix()).into_response()) // To add a factor.
}

async fn log_in_form(visit: Visit, Form(asked): Form<Credentials>) -> Markup {
    visit.design.log_in(&asked.return_to, None)
}

async fn log_in(visit: Visit, session: Session, Form(typed): Form<Credentials>) -> Result<Response, Failure> {
    let Visit { bank, design, headers } = &visit;
    let Some(credentials) = bank.users.verify(&typed.name, typed.password).await? else {
        return Ok(design.log_in(&typed.return_to, Some("bank-wrong-password")).into_response());
    };
    let owner = Owner::user(typed.name)?;
    let check = bank.pages.second_factor(&owner, headers).after_password().credentials(credentials);
    let cookie = match check.return_to(&typed.return_to).await? {
        SecondFactor::NotEnrolled(_) => None,
        SecondFactor::Trusted(_, cookie) => Some(cookie),
        SecondFactor::Required(redirect) => return Ok(redirect.into_response()),
    };
    sign_in(&visit, &session, &owner).await?;
    Ok((AppendHeaders(cookie), Redirect::to(own_path(&typed.return_to))).into_response())
}

/// Makes the session after the second factor.
async fn finish(visit: Visit, session: Session, FreshLogin(login): FreshLogin) -> Result<Redirect, Failure> {
    let credentials = visit.bank.users.credentials(login.owner().user_id())?.unwrap_or_default();
    if !login.has_credentials(credentials.as_bytes()) {
        return Ok(Redirect::to("/login"));
    }
    sign_in(&visit, &session, login.owner()).await?;
    Ok(Redirect::to(login.return_to()))
}

async fn sign_in(visit: &Visit, session: &Session, owner: &Owner) -> Result<(), Failure> {
    session.cycle_id().await?;
    visit.bank.users.set_language(owner.user_id(), visit.design.language())?; // Of this browser, for messages.
    Ok(session.insert(USER, owner.user_id()).await?)
}

async fn sign_out(visit: Visit, session: Session) -> Result<Response, Failure> {
    session.flush().await?;
    Ok((AppendHeaders(visit.bank.pages.sign_out()), Redirect::to("/login")).into_response())
}

async fn home(visit: Visit, session: Session) -> Result<Response, Failure> {
    let user = session.get::<String>(USER).await?;
    Ok(user.map_or_else(|| Redirect::to("/login").into_response(), |user| visit.design.home(&user).into_response()))
}

/// Rejects every request when the layer is missing, because of the extractor.
async fn transfer(SteppedUp(step_up): SteppedUp, visit: Visit, method: Method, Form(order): Form<Order>) -> Markup {
    match method {
        Method::POST => visit.design.transferred(step_up.owner().user_id(), &order),
        _ => visit.design.transfer(&order),
    }
}
