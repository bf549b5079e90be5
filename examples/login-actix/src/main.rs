//! A bank with its own users and passwords, and the second factor by the pages of `challenges`, on actix-web.

#[path = "../../login-axum/src/html.rs"]
mod html;
mod support;
#[path = "../../login-axum/src/users.rs"]
mod users;

use std::fmt;
use std::time::Duration;

use actix_session::storage::CookieSessionStore;
use actix_session::{Session, SessionMiddleware};
use actix_web::cookie::Key;
use actix_web::http::header::{ContentType, LOCATION};
use actix_web::web::{Data, Form, ServiceConfig, get, post, resource};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, ResponseError};
use challenges::actix::{ActixSession, FreshLogin, Header, StepUpCookie, StepUpGate, StepUpMiddleware, SteppedUp};
use challenges::pages::{Pages, SecondFactor};
use challenges::sqlite::SqliteStore;
use challenges::webauthn::Webauthn;
use challenges::{Challenges, KeyRing, Owner, Policy, Purpose};
use maud::Markup;
use serde::Deserialize;

use crate::users::{Failed, Users};

/// The key of the user's name in the session.
const USER: &str = "user";

#[derive(Clone)]
struct Bank {
    users: Users,
    challenges: Challenges,
    pages: Pages,
    transfers: StepUpMiddleware,
    support: StepUpMiddleware,
}

#[actix_web::main]
async fn main() -> Result<(), Failed> {
    let port: u16 = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let origin = format!("http://localhost:{port}");
    let bank = Bank::open(&origin).await?;
    let key = Key::generate(); // In production from a file, so that sessions survive a restart.
    let app = move || {
        let sessions = SessionMiddleware::builder(CookieSessionStore::default(), key.clone()).cookie_secure(false);
        App::new().configure(|app| bank.routes(app)).wrap(sessions.build())
    };
    let server = HttpServer::new(app).bind(("127.0.0.1", port))?;
    println!("listening at {origin}");
    Ok(server.run().await?)
}

impl Bank {
    async fn open(origin: &str) -> Result<Self, Failed> {
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
        let (transfers, support) = (gate("transfer")?, gate("support")?);
        let pages = Pages::builder(challenges.clone(), origin)
            .name("Example Bank")
            .step_up(transfers.clone())
            .step_up(support.clone())
            .build()?;
        let behind = |gate| StepUpMiddleware::new(gate, ActixSession::user_id(USER)).or_redirect(pages.factor_path());
        let (transfers, support) = (behind(transfers)?, behind(support)?);
        Ok(Self { users: Users::open("users.db")?, challenges, pages, transfers, support })
    }

    fn routes(&self, app: &mut ServiceConfig) {
        let transfer_form = get().to(async || html::transfer());
        app.app_data(Data::new(self.clone()))
            .app_data(Data::new(self.pages.clone()))
            .service(resource("/transfer").wrap(self.transfers.clone()).route(transfer_form).route(post().to(transfer)))
            .service(resource("/support").wrap(self.support.clone()).to(support::support))
            .route("/", get().to(home))
            .route("/sign-up", get().to(async || html::sign_up("")))
            .route("/sign-up", post().to(sign_up))
            .route("/login", get().to(async || html::log_in("")))
            .route("/login", post().to(log_in))
            .route("/login/finish", get().to(finish))
            .route("/sign-out", post().to(sign_out))
            .service(challenges::actix::pages(self.pages.clone(), ActixSession::user_id(USER)));
    }
}

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
}

async fn sign_up(bank: Data<Bank>, session: Session, typed: Form<Credentials>) -> Result<HttpResponse, Failure> {
    let Credentials { name, password } = typed.into_inner();
    let Ok(owner) = Owner::user(&name) else { return Ok(shown(html::sign_up("This is not a name."))) };
    if !bank.users.add(&name, password).await? {
        return Ok(shown(html::sign_up("This name is taken.")));
    }
    sign_in(&session, &owner)?;
    Ok(see(bank.pages.prefix(), Vec::new())) // To add a factor.
}

async fn log_in(
    bank: Data<Bank>,
    session: Session,
    request: HttpRequest,
    typed: Form<Credentials>,
) -> Result<HttpResponse, Failure> {
    let Credentials { name, password } = typed.into_inner();
    if !bank.users.verify(&name, password).await? {
        return Ok(shown(html::log_in("Wrong name or password.")));
    }
    let owner = Owner::user(name)?;
    let mut cookies = Vec::new();
    match bank.pages.second_factor(&owner, request.headers()).after_password().await? {
        SecondFactor::NotEnrolled(_) => {}
        SecondFactor::Trusted(_, cookie) => cookies.push(Header::from(cookie)),
        SecondFactor::Required(redirect) => return Ok(challenges::actix::into_response(redirect)),
    }
    sign_in(&session, &owner)?;
    Ok(see("/", cookies))
}

/// Makes the session after the second factor.
async fn finish(session: Session, FreshLogin(login): FreshLogin) -> Result<HttpResponse, Failure> {
    sign_in(&session, login.owner())?;
    Ok(see(login.return_to(), Vec::new()))
}

fn sign_in(session: &Session, owner: &Owner) -> Result<(), Failure> {
    session.renew();
    Ok(session.insert(USER, owner.user_id())?)
}

async fn sign_out(bank: Data<Bank>, session: Session) -> HttpResponse {
    session.purge();
    see("/login", bank.pages.sign_out().into_iter().map(Header::from).collect())
}

async fn home(bank: Data<Bank>, session: Session) -> Result<HttpResponse, Failure> {
    let user = session.get::<String>(USER)?;
    Ok(user.map_or_else(|| see("/login", Vec::new()), |user| shown(html::home(&user, bank.pages.prefix()))))
}

/// Rejects every request when the middleware is missing, because of the extractor.
async fn transfer(SteppedUp(step_up): SteppedUp) -> Markup {
    html::message("Transfer", &format!("Transferred 100 for {}.", step_up.owner().user_id()))
}

fn shown(page: Markup) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::html()).body(page.into_string())
}

fn see(path: &str, headers: Vec<Header>) -> HttpResponse {
    let mut response = HttpResponse::SeeOther();
    response.insert_header((LOCATION, path));
    for header in headers {
        response.append_header(header);
    }
    response.finish()
}

/// Any error. The details go to the log, and the visitor sees none.
#[derive(Debug)]
struct Failure(Failed);

impl<E: Into<Failed>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("internal error")
    }
}

impl ResponseError for Failure {
    fn error_response(&self) -> HttpResponse {
        eprintln!("{}", self.0);
        HttpResponse::InternalServerError().finish()
    }
}
