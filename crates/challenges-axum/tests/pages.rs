//! Tests of the pages in an axum application, over real connections.

#![cfg(feature = "pages")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use challenges_axum::{Error, FreshLogin, StepUpGate, StepUpLayer, SteppedUp};
use challenges_core::{Challenges, Owner, Policy, Purpose};
use challenges_memory::MemoryStore;
use challenges_pages::Pages;
use challenges_testkit::{Authenticator, FakeClock, administrator, key_ring};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

fn alice() -> Owner {
    Owner::user("alice").unwrap()
}

/// A session for tests: the cookie `session=alice`.
fn signed_in(parts: &Parts) -> Option<Owner> {
    let cookies = parts.headers.get_all("cookie").iter().map(|value| value.to_str().unwrap());
    cookies.flat_map(|value| value.split("; ")).find_map(|pair| Owner::user(pair.strip_prefix("session=")?).ok())
}

fn session(owner: &Owner) -> [(&'static str, String); 1] {
    [("set-cookie", format!("session={}; Path=/; Max-Age=600", owner.user_id()))]
}

/// The login of a host whose users have the password `password`, until the cookie `changed` is sent.
async fn login(Extension(pages): Extension<Pages>, headers: HeaderMap) -> Result<Response, Error> {
    let owner = alice();
    let check = pages.second_factor(&owner, &headers).credentials("password").return_to("/transfer");
    let cookie = check.or_redirect().await?;
    Ok((session(&alice()), AppendHeaders(cookie), Redirect::to("/")).into_response())
}

async fn finish(headers: HeaderMap, FreshLogin(login): FreshLogin) -> Response {
    let is_changed = headers.get_all("cookie").iter().any(|value| value.to_str().unwrap().contains("changed=yes"));
    if !login.has_credentials(if is_changed { b"changed" } else { b"password" }) {
        return StatusCode::FORBIDDEN.into_response();
    }
    (session(login.owner()), Redirect::to(login.return_to())).into_response()
}

async fn transfer(SteppedUp(step_up): SteppedUp) -> String {
    format!("transferred for {}", step_up.owner().user_id())
}

struct Host {
    address: SocketAddr,
    challenges: Challenges,
    clock: FakeClock,
}

impl Host {
    async fn start() -> Self {
        let clock = FakeClock::at(challenges_core::Timestamp::from_seconds(1_800_000_000));
        let mut policy = Policy::default();
        policy.trusted_purposes = vec![Pages::login_purpose().unwrap()];
        let builder = Challenges::builder(MemoryStore::new(), key_ring()).clock(clock.clone()).policy(policy);
        let challenges = builder.build().await.unwrap();
        let age = std::time::Duration::from_secs(300);
        let gate = StepUpGate::new(challenges.clone(), Purpose::new("transfer").unwrap(), age);
        let pages = Pages::builder(challenges.clone(), "https://app.example")
            .step_up(gate.clone())
            .sign_in_parameter("next")
            .build()
            .unwrap();
        let layer = StepUpLayer::new(gate, signed_in).or_redirect(pages.factor_path()).unwrap();
        let app = Router::new()
            .route("/transfer", get(transfer).layer(layer))
            .route("/login", post(login))
            .route("/login/finish", get(finish))
            .merge(challenges_axum::pages(pages.clone(), signed_in))
            .layer(Extension(pages));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
        Self { address, challenges, clock }
    }

    async fn add_app(&self) -> Authenticator {
        let totp = self.challenges.totp();
        let (enrollment, key) = totp.create(alice(), &administrator()).await.unwrap();
        let app = Authenticator::new(key.to_base32().expose()).unwrap();
        let code = app.code(self.challenges.now()).as_str().into();
        totp.confirm(&alice(), &administrator(), enrollment.id(), &code).await.unwrap();
        app
    }

    fn code(&self, app: &Authenticator) -> String {
        self.clock.advance(std::time::Duration::from_secs(30));
        format!("code={}&trust=yes", app.code(self.challenges.now()))
    }
}

/// A browser: keeps cookies, and says that its forms come from the same origin.
struct Browser(SocketAddr, BTreeMap<String, String>);

impl Browser {
    /// Returns the status, the location and the body.
    async fn ask(&mut self, method: &str, path: &str, body: &str) -> (u16, String, String) {
        let cookies: Vec<_> = self.1.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: app.example\r\nconnection: close\r\naccept: text/html\r\n\
             user-agent: Firefox/140.0\r\nsec-fetch-site: same-origin\r\ncookie: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            cookies.join("; "),
            body.len(),
        );
        let mut connection = TcpStream::connect(self.0).await.unwrap();
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut reply = String::new();
        connection.read_to_string(&mut reply).await.unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        let mut location = String::new();
        for (name, value) in head.lines().filter_map(|line| line.split_once(": ")) {
            if name.eq_ignore_ascii_case("location") {
                value.clone_into(&mut location);
            } else if name.eq_ignore_ascii_case("set-cookie") {
                let (pair, attributes) = value.split_once(';').unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                match attributes.contains("Max-Age=0") {
                    true => drop(self.1.remove(name)),
                    false => drop(self.1.insert(name.to_owned(), value.to_owned())),
                }
            }
        }
        (head.split(' ').nth(1).unwrap().parse().unwrap(), location, body.to_owned())
    }

    async fn follow(&mut self, method: &str, path: &str, body: &str) -> String {
        let (status, location, body) = self.ask(method, path, body).await;
        assert_eq!(status, 303, "{path} {body}");
        location
    }
}

#[tokio::test]
async fn login_step_up_and_trusted_login_work() {
    let host = Host::start().await;
    let mut browser = Browser(host.address, BTreeMap::new());
    assert_eq!(browser.follow("POST", "/login", "").await, "/", "no factor yet");
    browser.1.clear();
    let app = host.add_app().await;
    assert_eq!(browser.follow("POST", "/login", "").await, "/mfa/factor");
    assert_eq!(browser.ask("GET", "/login/finish", "").await.0, 401);
    assert!(browser.ask("GET", "/mfa/factor", "").await.2.contains("/mfa/factor/totp"));
    let finish = browser.follow("POST", "/mfa/factor/totp", &host.code(&app)).await;
    assert_eq!(browser.follow("GET", &finish, "").await, "/transfer");
    assert_eq!(browser.ask("GET", &finish, "").await.0, 401, "used");

    let factor = browser.follow("GET", "/transfer?to=bob", "").await;
    assert_eq!(factor, "/mfa/factor?purpose=transfer&return_to=%2Ftransfer%3Fto%3Dbob");
    assert_eq!(browser.ask("GET", &factor, "").await.0, 200);
    let totp = factor.replace("factor?", "factor/totp?");
    let back = browser.follow("POST", &totp, &host.code(&app)).await;
    assert_eq!(browser.ask("GET", &back, "").await.2, "transferred for alice");

    browser.1.retain(|name, _| name.ends_with("_device"));
    assert_eq!(browser.follow("POST", "/login", "").await, "/", "trusted");
    assert!(browser.1.contains_key("session"));
}

#[tokio::test]
async fn login_page_receives_the_page_in_its_parameter() {
    let host = Host::start().await;
    let mut browser = Browser(host.address, BTreeMap::new());
    assert_eq!(browser.follow("GET", "/mfa/account", "").await, "/login?next=%2Fmfa%2Faccount");
}

#[tokio::test]
async fn pages_answer_unknown_paths_and_large_bodies() {
    let host = Host::start().await;
    let mut browser = Browser(host.address, BTreeMap::new());
    for (method, path, status) in [("GET", "/mfa", 303), ("GET", "/mfa/nowhere", 404), ("PUT", "/mfa/factor", 405)] {
        assert_eq!(browser.ask(method, path, "").await.0, status, "{path}");
    }
    assert_eq!(browser.ask("POST", "/mfa/factor/totp", &"x".repeat(65_537)).await.0, 413);
    assert_eq!(browser.ask("GET", "/elsewhere", "").await.0, 404);
}

#[tokio::test]
async fn extractor_without_pages_fails_closed() {
    use tower::ServiceExt as _;

    let app: Router = Router::new().route("/login/finish", get(finish));
    let request = axum::http::Request::get("/login/finish").header("cookie", HeaderValue::from_static("session=alice"));
    let response = app.oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 500);
}

/// R76: a login that began with an old password makes no session after the user changed the password.
#[tokio::test]
async fn changed_password_ends_a_pending_login() {
    for (is_changed, expected) in [(false, 303), (true, 403)] {
        let host = Host::start().await;
        let mut browser = Browser(host.address, BTreeMap::new());
        let app = host.add_app().await;
        assert_eq!(browser.follow("POST", "/login", "").await, "/mfa/factor");
        assert_eq!(browser.ask("GET", "/mfa/factor", "").await.0, 200);
        let finish = browser.follow("POST", "/mfa/factor/totp", &host.code(&app)).await;
        if is_changed {
            browser.1.insert("changed".to_owned(), "yes".to_owned());
        }
        assert_eq!(browser.ask("GET", &finish, "").await.0, expected);
    }
}
