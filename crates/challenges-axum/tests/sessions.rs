//! Tests of step-up with the sessions of axum-login and tower-sessions.

#![cfg(all(feature = "axum-login", feature = "tower-sessions"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::Request;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::response::Response;
use axum::routing::get;
use axum_login::{AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend, UserId};
use challenges_axum::{AxumLogin, SignedIn, StepUpGate, StepUpLayer, SteppedUp, TowerSession};
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, KeyRing, Owner, Purpose};
use challenges_memory::MemoryStore;
use tower::ServiceExt as _;
use tower_sessions::{Session, SessionManagerLayer};

struct Host {
    challenges: Challenges,
    gate: StepUpGate,
}

impl Host {
    async fn new() -> Self {
        let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate().unwrap()).build().await.unwrap();
        let gate = StepUpGate::new(challenges.clone(), Purpose::new("transfer").unwrap(), Duration::from_secs(300));
        Self { challenges, gate }
    }

    fn layer(&self, signed_in: impl SignedIn) -> StepUpLayer {
        StepUpLayer::new(self.gate.clone(), signed_in)
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

async fn transfer(SteppedUp(step_up): SteppedUp) -> String {
    step_up.owner().user_id().to_owned()
}

async fn send(app: &Router, path: &str, cookies: &str) -> Response {
    let request = Request::get(path).header(COOKIE, cookies).body(Body::empty()).unwrap();
    app.clone().oneshot(request).await.unwrap()
}

async fn status(app: &Router, path: &str, cookies: &str) -> u16 {
    send(app, path, cookies).await.status().as_u16()
}

/// Signs in by a GET of `path`. Returns the session cookie.
async fn sign_in(app: &Router, path: &str) -> String {
    let response = send(app, path, "").await;
    assert_eq!(response.status(), 200, "{path}");
    pair(response.headers()[SET_COOKIE].to_str().unwrap())
}

#[derive(Clone, Debug)]
struct User {
    id: String,
    password: Vec<u8>,
}

impl AuthUser for User {
    type Id = String;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn session_auth_hash(&self) -> &[u8] {
        &self.password
    }
}

/// The passwords of the users.
#[derive(Clone, Debug, Default)]
struct Users(Arc<Mutex<BTreeMap<String, String>>>);

impl AuthnBackend for Users {
    type User = User;
    type Credentials = String;
    type Error = Infallible;

    async fn authenticate(&self, user: String) -> Result<Option<User>, Infallible> {
        self.get_user(&user).await
    }

    async fn get_user(&self, id: &UserId<Self>) -> Result<Option<User>, Infallible> {
        let password = self.0.lock().unwrap().get(id).cloned();
        Ok(password.map(|password| User { id: id.clone(), password: password.into_bytes() }))
    }
}

async fn log_in(mut session: AuthSession<Users>, Path(user): Path<String>) {
    let user = session.authenticate(user).await.unwrap().unwrap();
    session.login(&user).await.unwrap();
}

async fn log_out(mut session: AuthSession<Users>) {
    session.logout().await.unwrap();
}

fn with_login(users: &Users, layer: StepUpLayer) -> Router {
    let sessions = axum_login::tower_sessions::SessionManagerLayer::new(tower_sessions_014::MemoryStore::default());
    Router::new()
        .route("/transfer", get(transfer).layer(layer))
        .route("/login/{user}", get(log_in))
        .route("/logout", get(log_out))
        .layer(AuthManagerLayerBuilder::new(users.clone(), sessions).build())
}

#[tokio::test]
async fn axum_login_user_is_signed_in() {
    let host = Host::new().await;
    let users = Users::default();
    for user in ["alice", "bob"] {
        users.0.lock().unwrap().insert(user.to_owned(), "secret".to_owned());
    }
    let app = with_login(&users, host.layer(AxumLogin::<Users>::new()));
    let step_up = host.step_up(owner("alice")).await;
    assert_eq!(status(&app, "/transfer", &step_up).await, 401, "nobody is signed in");
    let bob = sign_in(&app, "/login/bob").await;
    assert_eq!(status(&app, "/transfer", &format!("{bob}; {step_up}")).await, 401, "another user");
    let cookies = format!("{}; {step_up}", sign_in(&app, "/login/alice").await);
    assert_eq!(status(&app, "/transfer", &cookies).await, 200);
    assert_eq!(status(&app, "/logout", &cookies).await, 200);
    assert_eq!(status(&app, "/transfer", &cookies).await, 401, "signed out");
}

#[tokio::test]
async fn axum_login_ends_with_the_password() {
    let host = Host::new().await;
    let users = Users::default();
    users.0.lock().unwrap().insert("alice".to_owned(), "old".to_owned());
    let app = with_login(&users, host.layer(AxumLogin::<Users>::new()));
    let cookies = format!("{}; {}", sign_in(&app, "/login/alice").await, host.step_up(owner("alice")).await);
    assert_eq!(status(&app, "/transfer", &cookies).await, 200);
    users.0.lock().unwrap().insert("alice".to_owned(), "new".to_owned());
    assert_eq!(status(&app, "/transfer", &cookies).await, 401);
    let cookies = format!("{}; {}", sign_in(&app, "/login/alice").await, host.step_up(owner("alice")).await);
    assert_eq!(status(&app, "/transfer", &cookies).await, 200);
    users.0.lock().unwrap().clear();
    assert_eq!(status(&app, "/transfer", &cookies).await, 401, "the user is deleted");
}

#[tokio::test]
async fn axum_login_owner_is_the_hosts_choice() {
    let host = Host::new().await;
    let users = Users::default();
    users.0.lock().unwrap().insert("alice".to_owned(), "secret".to_owned());
    let in_tenant = |user: &User| Owner::in_tenant("acme", user.id.as_str()).ok();
    let app = with_login(&users, host.layer(AxumLogin::<Users>::with_owner(in_tenant)));
    let session = sign_in(&app, "/login/alice").await;
    let other = host.step_up(owner("alice")).await;
    assert_eq!(status(&app, "/transfer", &format!("{session}; {other}")).await, 401);
    let own = host.step_up(Owner::in_tenant("acme", "alice").unwrap()).await;
    assert_eq!(status(&app, "/transfer", &format!("{session}; {own}")).await, 200);
}

/// Sends a request with the cookies, and adds the cookies of the response.
#[cfg(feature = "pages")]
async fn browse_to(app: &Router, method: &str, path: &str, body: &str, cookies: &mut Vec<String>) -> (u16, String) {
    let request = Request::builder().method(method).uri(path).header(COOKIE, cookies.join("; "));
    let request = request.header("sec-fetch-site", "same-origin").header("accept", "text/html");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let response = app.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    let set = response.headers().get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap());
    cookies.extend(set.filter(|cookie| !cookie.contains("Max-Age=0")).map(pair));
    let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
    (response.status().as_u16(), location.unwrap_or_default())
}

/// R76: the handler of axum-login signs in the user of the passed login, unless the backend does not know the user, or
/// the password has changed.
#[cfg(feature = "pages")]
#[tokio::test]
async fn fresh_login_makes_the_axum_login_session() {
    use challenges_pages::{Pages, SecondFactor};

    async fn begin(
        mut session: AuthSession<Users>,
        axum::Extension(pages): axum::Extension<Pages>,
        headers: axum::http::HeaderMap,
        form: String,
    ) -> Response {
        let user = User { id: "alice".to_owned(), password: b"secret".to_vec() };
        if form.is_empty() {
            return AxumLogin::begin(&mut session, &user, &pages, &headers, "/transfer").await;
        }
        match pages.second_factor(&owner("alice"), &headers).await {
            Ok(SecondFactor::Required(redirect)) => axum::response::IntoResponse::into_response(redirect),
            other => panic!("{other:?}"),
        }
    }

    for (case, expected) in [("same", 303), ("unknown", 401), ("password changed", 401), ("no hash stated", 401)] {
        let host = Host::new().await;
        let users = Users::default();
        let known = if case == "unknown" { "bob" } else { "alice" };
        users.0.lock().unwrap().insert(known.to_owned(), "secret".to_owned());
        let totp = host.challenges.totp();
        let grant = challenges_testkit::administrator();
        let (enrollment, key) = totp.create(owner("alice"), &grant).await.unwrap();
        let phone = challenges_testkit::Authenticator::new(key.to_base32().expose()).unwrap();
        let code = phone.code(host.challenges.now()).into();
        totp.confirm(&owner("alice"), &grant, enrollment.id(), &code).await.unwrap();

        let pages = Pages::builder(host.challenges.clone(), "https://app.example").build().unwrap();
        let app = with_login(&users, host.layer(AxumLogin::<Users>::new()));
        let sessions = axum_login::tower_sessions::SessionManagerLayer::new(tower_sessions_014::MemoryStore::default());
        let app = app.merge(
            Router::new()
                .route("/begin", axum::routing::post(begin))
                .route("/login/finish", get(AxumLogin::<Users>::finish))
                .merge(challenges_axum::pages(pages.clone(), AxumLogin::<Users>::new()))
                .layer(axum::Extension(pages))
                .layer(AuthManagerLayerBuilder::new(users.clone(), sessions).build()),
        );
        let form = if case == "no hash stated" { "forgetful=yes" } else { "" };
        let mut cookies = Vec::new();
        assert_eq!(browse_to(&app, "GET", "/login/finish", "", &mut cookies).await.0, 401, "no fresh login");
        assert_eq!(browse_to(&app, "POST", "/begin", form, &mut cookies).await, (303, "/mfa/factor".to_owned()));
        assert_eq!(browse_to(&app, "GET", "/mfa/factor", "", &mut cookies).await.0, 200);
        let code = phone.code(host.challenges.now().after(Duration::from_secs(30)));
        let passed = browse_to(&app, "POST", "/mfa/factor/totp", &format!("code={code}"), &mut cookies).await;
        assert_eq!(passed, (303, "/login/finish".to_owned()));
        if case == "password changed" {
            users.0.lock().unwrap().insert("alice".to_owned(), "new".to_owned());
        }
        let finished = browse_to(&app, "GET", "/login/finish", "", &mut cookies).await;
        assert_eq!(finished.0, expected, "{case}");
        if case == "same" {
            assert_eq!(finished.1, "/transfer");
            assert_eq!(browse_to(&app, "GET", "/mfa/account", "", &mut cookies).await.0, 200, "signed in");
        }
    }
}

/// R76: a user without a factor, or with a trusted browser, is signed in at once. Nobody else is.
#[cfg(feature = "pages")]
#[tokio::test]
async fn axum_login_begins_with_the_second_factor() {
    use challenges_pages::Pages;

    async fn begin(
        mut session: AuthSession<Users>,
        axum::Extension(pages): axum::Extension<Pages>,
        headers: axum::http::HeaderMap,
        return_to: String,
    ) -> Response {
        let user = User { id: "alice".to_owned(), password: b"secret".to_vec() };
        AxumLogin::begin(&mut session, &user, &pages, &headers, &return_to).await
    }

    let mut policy = challenges_core::Policy::default();
    policy.trusted_purposes = vec![Pages::login_purpose().unwrap()];
    let challenges = Challenges::builder(MemoryStore::new(), challenges_testkit::key_ring()).policy(policy);
    let challenges = challenges.build().await.unwrap();
    let pages = Pages::builder(challenges.clone(), "https://app.example").build().unwrap();
    let users = Users::default();
    users.0.lock().unwrap().insert("alice".to_owned(), "secret".to_owned());
    let sessions = axum_login::tower_sessions::SessionManagerLayer::new(tower_sessions_014::MemoryStore::default());
    let app = Router::new()
        .route("/begin", axum::routing::post(begin))
        .route("/login/finish", get(AxumLogin::<Users>::finish))
        .merge(challenges_axum::pages(pages.clone(), AxumLogin::<Users>::new()))
        .layer(axum::Extension(pages))
        .layer(AuthManagerLayerBuilder::new(users.clone(), sessions).build());
    let account = async |cookies: &mut Vec<String>| browse_to(&app, "GET", "/mfa/account", "", cookies).await.0;

    for (asked, expected) in [("/transfer", "/transfer"), ("//evil.example", "/"), ("", "/")] {
        let mut cookies = Vec::new();
        assert_eq!(account(&mut cookies).await, 303, "control: signed out");
        assert_eq!(browse_to(&app, "POST", "/begin", asked, &mut cookies).await, (303, expected.to_owned()));
        assert_eq!(account(&mut cookies).await, 200, "signed in without a factor");
    }

    let grant = challenges_testkit::administrator();
    let (enrollment, key) = challenges.totp().create(owner("alice"), &grant).await.unwrap();
    let phone = challenges_testkit::Authenticator::new(key.to_base32().expose()).unwrap();
    let code = phone.code(challenges.now()).into();
    challenges.totp().confirm(&owner("alice"), &grant, enrollment.id(), &code).await.unwrap();
    let mut cookies = Vec::new();
    let required = (303, "/mfa/factor".to_owned());
    assert_eq!(browse_to(&app, "POST", "/begin", "/transfer", &mut cookies).await, required);
    assert_eq!(account(&mut cookies).await, 303, "no session before the second factor");

    assert_eq!(browse_to(&app, "GET", "/mfa/factor", "", &mut cookies).await.0, 200);
    let code = phone.code(challenges.now().after(Duration::from_secs(30)));
    let body = format!("code={code}&trust=yes");
    assert_eq!(browse_to(&app, "POST", "/mfa/factor/totp", &body, &mut cookies).await.0, 303);
    let mut device: Vec<_> = cookies.into_iter().filter(|cookie| cookie.contains("device")).collect();
    let begun = browse_to(&app, "POST", "/begin", "/transfer", &mut device).await;
    assert_eq!(begun, (303, "/transfer".to_owned()), "trusted");
    assert!(device.iter().filter(|cookie| cookie.contains("device")).count() > 1, "the replaced secret is set");
    assert_eq!(account(&mut device).await, 200, "signed in by the trusted browser");
}

/// The host's login: stores the user in the session.
async fn store_user(session: Session, Path(user): Path<String>) {
    session.cycle_id().await.unwrap();
    session.insert("user_id", user).await.unwrap();
}

/// Stores a number under the key of the user.
async fn store_number(session: Session, Path(number): Path<u64>) {
    session.insert("user_id", number).await.unwrap();
}

async fn browse(session: Session) {
    session.insert("theme", "dark").await.unwrap();
}

async fn flush(session: Session) {
    session.flush().await.unwrap();
}

fn with_session(layer: StepUpLayer) -> Router {
    Router::new()
        .route("/transfer", get(transfer).layer(layer))
        .route("/login/{user}", get(store_user))
        .route("/number/{number}", get(store_number))
        .route("/browse", get(browse))
        .route("/logout", get(flush))
        .layer(SessionManagerLayer::new(tower_sessions::MemoryStore::default()))
}

#[tokio::test]
async fn tower_session_user_is_signed_in() {
    let host = Host::new().await;
    let app = with_session(host.layer(TowerSession::user_id("user_id")));
    let step_up = host.step_up(owner("alice")).await;
    assert_eq!(status(&app, "/transfer", &step_up).await, 401, "no session");
    for path in ["/browse", "/login/bob", "/number/7"] {
        let session = sign_in(&app, path).await;
        assert_eq!(status(&app, "/transfer", &format!("{session}; {step_up}")).await, 401, "{path}");
    }
    let cookies = format!("{}; {step_up}", sign_in(&app, "/login/alice").await);
    assert_eq!(status(&app, "/transfer", &cookies).await, 200);
    assert_eq!(status(&app, "/logout", &cookies).await, 200);
    assert_eq!(status(&app, "/transfer", &cookies).await, 401, "signed out");
}

#[tokio::test]
async fn tower_session_value_is_of_any_type() {
    let host = Host::new().await;
    let layer = host.layer(TowerSession::new("user_id", |number: u64| Owner::user(format!("account-{number}")).ok()));
    let app = with_session(layer);
    let cookies = format!("{}; {}", sign_in(&app, "/number/7").await, host.step_up(owner("account-7")).await);
    assert_eq!(status(&app, "/transfer", &cookies).await, 200);
}

#[tokio::test]
async fn missing_session_layer_signs_nobody_in() {
    let host = Host::new().await;
    let step_up = host.step_up(owner("alice")).await;
    for layer in [host.layer(TowerSession::user_id("user_id")), host.layer(AxumLogin::<Users>::new())] {
        let app: Router = Router::new().route("/transfer", get(transfer).layer(layer));
        assert_eq!(status(&app, "/transfer", &step_up).await, 401);
    }
}
