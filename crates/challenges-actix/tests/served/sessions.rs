//! Step-up with the sessions of actix-identity and actix-session.

use std::time::Duration;

use actix_http::Request;
use actix_identity::{Identity, IdentityMiddleware};
use actix_session::storage::CookieSessionStore;
use actix_session::{Session, SessionMiddleware};
use actix_web::body::MessageBody;
use actix_web::cookie::Key;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::{TestRequest, init_service, try_call_service};
use actix_web::{App, HttpMessage as _, HttpRequest, web};
use challenges_actix::{ActixIdentity, ActixSession, SignedIn, StepUpGate, StepUpMiddleware, SteppedUp};
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, Owner, Purpose};

use crate::server::challenges;

struct Host {
    challenges: Challenges,
    gate: StepUpGate,
}

impl Host {
    async fn new() -> Self {
        let challenges = challenges().await;
        let gate = StepUpGate::new(challenges.clone(), Purpose::new("transfer").unwrap(), Duration::from_secs(300));
        Self { challenges, gate }
    }

    fn middleware(&self, signed_in: impl SignedIn) -> StepUpMiddleware {
        StepUpMiddleware::new(self.gate.clone(), signed_in)
    }

    /// Passes a challenge. Returns the step-up cookie.
    async fn step_up(&self, owner: Owner) -> String {
        let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_purpose(self.gate.purpose().clone());
        let created = self.challenges.create(owner, spec).await.unwrap();
        let code = created.code.unwrap();
        let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose());
        let passed = self.challenges.answer(answer).await.unwrap().passed().unwrap();
        pair(self.gate.grant(&passed).unwrap().1.to_str().unwrap())
    }
}

fn pair(set_cookie: &str) -> String {
    set_cookie.split(';').next().unwrap().to_owned()
}

fn owner(user: &str) -> Owner {
    Owner::user(user).unwrap()
}

fn sessions() -> SessionMiddleware<CookieSessionStore> {
    SessionMiddleware::new(CookieSessionStore::default(), Key::from(&[7; 64]))
}

async fn transfer(SteppedUp(step_up): SteppedUp) -> String {
    step_up.owner().user_id().to_owned()
}

async fn send<S, B>(app: &S, path: &str, cookies: &str) -> ServiceResponse<B>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody,
{
    let request = TestRequest::get().uri(path).append_header(("cookie", cookies)).to_request();
    try_call_service(app, request).await.unwrap()
}

async fn status<S, B>(app: &S, path: &str, cookies: &str) -> u16
where
    S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody,
{
    send(app, path, cookies).await.status().as_u16()
}

/// Requests `path`. Returns the session cookie of the response.
async fn session<S, B>(app: &S, path: &str, cookies: &str) -> String
where
    S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody,
{
    let response = send(app, path, cookies).await;
    assert_eq!(response.status().as_u16(), 200, "{path}");
    pair(response.headers().get("set-cookie").unwrap().to_str().unwrap())
}

async fn log_in(request: HttpRequest, user: web::Path<String>) -> &'static str {
    Identity::login(&request.extensions(), user.into_inner()).unwrap();
    ""
}

async fn log_out(identity: Identity) -> &'static str {
    identity.logout();
    ""
}

#[tokio::test]
async fn actix_identity_is_signed_in() {
    let host = Host::new().await;
    let app = App::new()
        .service(web::resource("/transfer").wrap(host.middleware(ActixIdentity::new())).to(transfer))
        .route("/login/{user}", web::get().to(log_in))
        .route("/logout", web::get().to(log_out))
        .wrap(IdentityMiddleware::default())
        .wrap(sessions());
    let app = init_service(app).await;
    let step_up = host.step_up(owner("alice")).await;
    assert_eq!(status(&app, "/transfer", &step_up).await, 401, "nobody is signed in");
    let bob = session(&app, "/login/bob", "").await;
    assert_eq!(status(&app, "/transfer", &format!("{bob}; {step_up}")).await, 401, "another user");
    let alice = session(&app, "/login/alice", "").await;
    assert_eq!(status(&app, "/transfer", &format!("{alice}; {step_up}")).await, 200);
    assert_eq!(status(&app, "/transfer", &format!("{alice}x; {step_up}")).await, 401, "a changed session");
    let gone = session(&app, "/logout", &alice).await;
    assert_eq!(status(&app, "/transfer", &format!("{gone}; {step_up}")).await, 401, "signed out");
}

#[tokio::test]
async fn actix_identity_ends_at_the_login_deadline() {
    let host = Host::new().await;
    let deadline = IdentityMiddleware::builder().login_deadline(Some(Duration::ZERO)).build();
    let app = App::new()
        .service(web::resource("/transfer").wrap(host.middleware(ActixIdentity::new())).to(transfer))
        .route("/login/{user}", web::get().to(log_in))
        .wrap(deadline)
        .wrap(sessions());
    let app = init_service(app).await;
    let cookies = format!("{}; {}", session(&app, "/login/alice", "").await, host.step_up(owner("alice")).await);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(status(&app, "/transfer", &cookies).await, 401);
}

#[tokio::test]
async fn actix_identity_owner_is_the_hosts_choice() {
    let host = Host::new().await;
    let member = ActixIdentity::with_owner(|id| {
        let (organisation, user) = id.split_once(':')?;
        Owner::in_tenant(organisation, user).ok()
    });
    let app = App::new()
        .service(web::resource("/transfer").wrap(host.middleware(member)).to(transfer))
        .route("/login/{user}", web::get().to(log_in))
        .wrap(IdentityMiddleware::default())
        .wrap(sessions());
    let app = init_service(app).await;
    let step_up = host.step_up(Owner::in_tenant("acme", "alice").unwrap()).await;
    for (id, expected) in [("acme:alice", 200), ("globex:alice", 401), ("alice", 401)] {
        let session = session(&app, &format!("/login/{id}"), "").await;
        assert_eq!(status(&app, "/transfer", &format!("{session}; {step_up}")).await, expected, "{id}");
    }
}

#[tokio::test]
async fn actix_session_user_is_signed_in() {
    async fn sign_in(session: Session, user: web::Path<String>) -> &'static str {
        session.renew();
        session.insert("user_id", user.into_inner()).unwrap();
        ""
    }
    async fn number(session: Session) -> &'static str {
        session.insert("user_id", 7).unwrap();
        ""
    }
    async fn browse(session: Session) -> &'static str {
        session.insert("theme", "dark").unwrap();
        ""
    }
    async fn sign_out(session: Session) -> &'static str {
        session.purge();
        ""
    }
    let host = Host::new().await;
    let by_number = ActixSession::new("user_id", |number: u64| Owner::user(format!("account-{number}")).ok());
    let app = App::new()
        .service(web::resource("/transfer").wrap(host.middleware(ActixSession::user_id("user_id"))).to(transfer))
        .service(web::resource("/by-number").wrap(host.middleware(by_number)).to(transfer))
        .route("/login/{user}", web::get().to(sign_in))
        .route("/number", web::get().to(number))
        .route("/browse", web::get().to(browse))
        .route("/logout", web::get().to(sign_out))
        .wrap(sessions());
    let app = init_service(app).await;
    let step_up = host.step_up(owner("alice")).await;
    assert_eq!(status(&app, "/transfer", &step_up).await, 401, "no session");
    for path in ["/browse", "/login/bob", "/number"] {
        let session = session(&app, path, "").await;
        assert_eq!(status(&app, "/transfer", &format!("{session}; {step_up}")).await, 401, "{path}");
    }
    let alice = session(&app, "/login/alice", "").await;
    assert_eq!(status(&app, "/transfer", &format!("{alice}; {step_up}")).await, 200);
    let gone = session(&app, "/logout", &alice).await;
    assert_eq!(status(&app, "/transfer", &format!("{gone}; {step_up}")).await, 401, "signed out");
    let numbered = format!("{}; {}", session(&app, "/number", "").await, host.step_up(owner("account-7")).await);
    assert_eq!(status(&app, "/by-number", &numbered).await, 200);
}

#[tokio::test]
async fn missing_session_middleware_signs_nobody_in() {
    let host = Host::new().await;
    let middleware = host.middleware(ActixSession::user_id("user_id"));
    let app = init_service(App::new().service(web::resource("/transfer").wrap(middleware).to(transfer))).await;
    assert_eq!(status(&app, "/transfer", &host.step_up(owner("alice")).await).await, 401);
}
