//! An application with a login and the pages: `cargo run -p challenges-axum --all-features --example pages`.
//!
//! Everything is in memory, every password is right, and messages are printed in place of being sent.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::extract::State;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Form, Router};
use challenges_axum::FreshLogin;
use challenges_core::outbox::{Errand, Failure, Job, Message};
use challenges_core::{ChallengeType, Challenges, Courier, KeyRing, Owner, Policy};
use challenges_memory::MemoryStore;
use challenges_pages::{Pages, SecondFactor};
use challenges_webauthn::Webauthn;
use serde::Deserialize;
use tokio::net::TcpListener;

/// The users by session.
#[derive(Clone, Default)]
struct Sessions(Arc<Mutex<HashMap<String, Owner>>>);

#[derive(Clone)]
struct App {
    pages: Pages,
    sessions: Sessions,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let origin = format!("http://localhost:{}", listener.local_addr()?.port());
    let webauthn = Webauthn::builder().relying_party("localhost".parse()?, [origin.parse()?]).build()?;
    let mut policy = Policy::default();
    policy.trusted_purposes = vec![Pages::login_purpose()?];
    policy.message_code_digits = Some(6);
    let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?)
        .policy(policy)
        .webauthn(webauthn)
        .answer_page(format!("{origin}/mfa/answer").parse()?)
        .build()
        .await?;
    let factors = [ChallengeType::Totp, ChallengeType::Webauthn, ChallengeType::Sms, ChallengeType::Email];
    let pages = Pages::builder(challenges.clone(), &origin).name("Example").offers(factors).build()?;

    let sessions = Sessions::default();
    let app = Router::new()
        .route("/", get(home))
        .route("/login", get(login_form).post(login))
        .route("/login/finish", get(finish))
        .route("/logout", post(logout))
        .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
        .merge(challenges_axum::pages(pages.clone(), {
            let sessions = sessions.clone();
            move |request: &Parts| sessions.user(&request.headers)
        }))
        .layer(Extension(pages.clone()))
        .with_state(App { pages, sessions });

    println!("listening on {origin}");
    tokio::spawn(async move {
        while challenges.outbox().dispatch(&Printer, 64).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    axum::serve(listener, app).await?;
    Ok(())
}

async fn home(State(app): State<App>, headers: HeaderMap) -> Response {
    let Some(user) = app.sessions.user(&headers) else { return Redirect::to("/login").into_response() };
    let body = format!(
        "<p id=user>{}</p><a href=/mfa/account>Security</a><form method=post action=/logout><button>Sign out</button></form>",
        user.user_id()
    );
    page("Home", &body)
}

async fn login_form() -> Response {
    page(
        "Sign in",
        "<form method=post><label>Name <input name=name autofocus></label> \
         <label>Password <input type=password name=password></label> <button>Sign in</button></form>",
    )
}

#[derive(Deserialize)]
struct Login {
    name: String,
}

async fn login(State(app): State<App>, headers: HeaderMap, Form(form): Form<Login>) -> Result<Response, StatusCode> {
    let owner = Owner::user(form.name).map_err(|_| StatusCode::BAD_REQUEST)?;
    match app
        .pages
        .second_factor(&owner, &headers)
        .after_password()
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?
    {
        SecondFactor::NotEnrolled(_) => Ok(app.sessions.start(owner, "/")),
        SecondFactor::Trusted(_, cookie) => {
            Ok((AppendHeaders([cookie]), app.sessions.start(owner, "/")).into_response())
        }
        SecondFactor::Required(redirect) => Ok(redirect.into_response()),
    }
}

async fn finish(State(app): State<App>, FreshLogin(login): FreshLogin) -> Response {
    app.sessions.start(login.owner().clone(), login.return_to())
}

async fn logout(State(app): State<App>, headers: HeaderMap) -> Response {
    app.sessions.0.lock().unwrap_or_else(PoisonError::into_inner).remove(session(&headers));
    (AppendHeaders(app.pages.sign_out()), Redirect::to("/login")).into_response()
}

fn page(title: &str, body: &str) -> Response {
    Html(format!(
        "<!DOCTYPE html><html lang=en><meta charset=utf-8><title>{title}</title><main><h1>{title}</h1>{body}</main>"
    ))
    .into_response()
}

impl Sessions {
    fn user(&self, headers: &HeaderMap) -> Option<Owner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(session(headers)).cloned()
    }

    fn start(&self, owner: Owner, next: &str) -> Response {
        // A real application takes a session of its framework.
        let id = KeyRing::generate().map(|ring| ring.to_text().replace(|c: char| !c.is_ascii_alphanumeric(), ""));
        let Ok(id) = id else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
        let cookie = format!("session={id}; Path=/; HttpOnly; SameSite=Lax");
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, owner);
        ([(SET_COOKIE, cookie)], Redirect::to(next)).into_response()
    }
}

fn session(headers: &HeaderMap) -> &str {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|value| value.split("; ")).find_map(|cookie| cookie.strip_prefix("session=")).unwrap_or_default()
}

/// Prints messages.
#[derive(Debug)]
struct Printer;

#[async_trait]
impl Courier for Printer {
    async fn perform(&self, job: &Job) -> Result<Option<u16>, Failure> {
        let (to, message) = match &job.errand {
            Errand::Sms { to, message, .. } => (to.as_str(), message),
            Errand::Email { to, message, .. } => (to.as_str(), message),
            _ => return Ok(None),
        };
        match message {
            Message::Link { link, .. } => println!("link for {to}: {}", link.expose()),
            Message::Confirmation { code, .. } => println!("code for {to}: {}", code.expose()),
            _ => {}
        }
        Ok(None)
    }
}
