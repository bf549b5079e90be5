//! Users with passwords and sessions, the second factor by the pages of `challenges`, and a transfer behind a step-up.

use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::web::{Data, Either, Form, Query, ServiceConfig, get, post, resource};
use challenges::Owner;
use challenges::actix::{ActixSession, FreshLogin, StepUpGate, StepUpMiddleware, SteppedUp};
use challenges::pages::SecondFactor;
use demo_app::{Bank, Failed, Order, own_path};
use serde::Deserialize;

use crate::support::support;
use crate::visit::{Failure, Visit, see, shown};

const USER: &str = "user"; // The key of the user's name in the session.

pub(crate) fn routes(bank: Bank) -> Result<impl Fn(&mut ServiceConfig) + Clone, Failed> {
    let (path, session) = (bank.pages.factor_path(), || ActixSession::user_id(USER));
    let behind = |gate: &StepUpGate| StepUpMiddleware::new(gate.clone(), session()).or_redirect(&path);
    let (before_transfer, before_support) = (behind(&bank.transfer)?, behind(&bank.support)?);
    Ok(move |app: &mut ServiceConfig| {
        app.app_data(Data::new(bank.clone()))
            .app_data(Data::new(bank.pages.clone()))
            .service(resource("/transfer").wrap(before_transfer.clone()).get(transfer).post(transfer))
            .service(resource("/support").wrap(before_support.clone()).get(support).post(support))
            .route("/", get().to(home))
            .route("/sign-up", get().to(async |visit: Visit| shown(visit.design.sign_up(None))))
            .route("/sign-up", post().to(sign_up))
            .route("/login", get().to(log_in_form))
            .route("/login", post().to(log_in))
            .route("/login/finish", get().to(finish))
            .route("/sign-out", post().to(sign_out))
            .service(challenges::actix::pages(bank.pages.clone(), session()));
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Credentials {
    name: String,
    password: String,
    return_to: String,
}

async fn sign_up(visit: Visit, session: Session, typed: Form<Credentials>) -> Result<HttpResponse, Failure> {
    let (Visit { bank, design, .. }, Credentials { name, password, .. }) = (&visit, typed.into_inner());
    let Ok(owner) = Owner::user(&name) else { return Ok(shown(design.sign_up(Some("bank-no-name")))) };
    let Some(_) = password.chars().nth(7) else { return Ok(shown(design.sign_up(Some("bank-short")))) };
    let has_factor = bank.challenges.account(&owner).status().await?.has_factor(); // Of an earlier user of this name.
    if has_factor || !bank.users.add(&name, password).await? {
        return Ok(shown(design.sign_up(Some("bank-taken-name"))));
    }
    sign_in(&visit, &session, &owner)?;
    Ok(see(bank.pages.prefix(), None)) // To add a factor.
}

async fn log_in_form(visit: Visit, asked: Query<Credentials>) -> HttpResponse {
    shown(visit.design.log_in(&asked.return_to, None))
}

async fn log_in(visit: Visit, session: Session, typed: Form<Credentials>) -> Result<HttpResponse, Failure> {
    let (Visit { bank, design, headers }, Credentials { name, password, return_to }) = (&visit, typed.into_inner());
    let Some(credentials) = bank.users.verify(&name, password).await? else {
        return Ok(shown(design.log_in(&return_to, Some("bank-wrong-password"))));
    };
    let owner = Owner::user(name)?;
    let check = bank.pages.second_factor(&owner, headers).after_password().credentials(credentials);
    let cookie = match check.return_to(&return_to).await? {
        SecondFactor::NotEnrolled(_) => None,
        SecondFactor::Trusted(_, cookie) => Some(cookie),
        SecondFactor::Required(redirect) => return Ok(challenges::actix::into_response(redirect)),
    };
    sign_in(&visit, &session, &owner)?;
    Ok(see(own_path(&return_to), cookie))
}

/// Makes the session after the second factor.
async fn finish(visit: Visit, session: Session, FreshLogin(login): FreshLogin) -> Result<HttpResponse, Failure> {
    let credentials = visit.bank.users.credentials(login.owner().user_id())?.unwrap_or_default();
    if !login.has_credentials(credentials.as_bytes()) {
        return Ok(see("/login", None));
    }
    sign_in(&visit, &session, login.owner())?;
    Ok(see(login.return_to(), None))
}

fn sign_in(visit: &Visit, session: &Session, owner: &Owner) -> Result<(), Failure> {
    session.renew();
    visit.bank.users.set_language(owner.user_id(), visit.design.language())?; // Of this browser, for messages.
    Ok(session.insert(USER, owner.user_id())?)
}

async fn sign_out(visit: Visit, session: Session) -> HttpResponse {
    session.purge();
    see("/login", visit.bank.pages.sign_out())
}

async fn home(visit: Visit, session: Session) -> Result<HttpResponse, Failure> {
    let user = session.get::<String>(USER)?;
    Ok(user.map_or_else(|| see("/login", None), |user| shown(visit.design.home(&user))))
}

/// Rejects every request when the middleware is missing, because of the extractor.
async fn transfer(SteppedUp(proof): SteppedUp, visit: Visit, order: Either<Form<Order>, Query<Order>>) -> HttpResponse {
    shown(match order {
        Either::Left(posted) => visit.design.transferred(proof.owner().user_id(), &posted),
        Either::Right(asked) => visit.design.transfer(&asked),
    })
}
