//! The pages in an actix-web application: a login with a second factor, step-up, and a trusted browser.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use challenges_actix::{Error, FreshLogin, StepUpGate, StepUpMiddleware, SteppedUp, with_headers};
use challenges_core::{Challenges, Owner, Policy, Purpose, Timestamp};
use challenges_memory::MemoryStore;
use challenges_pages::Pages;
use challenges_testkit::{Authenticator, FakeClock, administrator, key_ring};

use crate::server::Server;

fn alice() -> Owner {
    Owner::user("alice").unwrap()
}

/// A session for tests: the cookie `session=alice`.
fn signed_in(request: &HttpRequest) -> Option<Owner> {
    let cookies = request.headers().get_all("cookie").map(|value| value.to_str().unwrap());
    cookies.flat_map(|value| value.split("; ")).find_map(|pair| Owner::user(pair.strip_prefix("session=")?).ok())
}

fn session(owner: &Owner) -> (&'static str, String) {
    ("set-cookie", format!("session={}; Path=/; Max-Age=600", owner.user_id()))
}

/// The login of a host whose users have the password `password`, until the cookie `changed` is sent.
async fn login(pages: web::Data<Pages>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let owner = alice();
    let check = pages.second_factor(&owner, request.headers()).credentials("password").return_to("/transfer");
    let cookie = check.or_redirect().await?;
    let mut home = HttpResponse::SeeOther();
    home.append_header(("location", "/")).append_header(session(&alice()));
    Ok(with_headers(home.finish(), cookie))
}

async fn finish(request: HttpRequest, FreshLogin(login): FreshLogin) -> HttpResponse {
    let is_changed = request.headers().get_all("cookie").any(|value| value.to_str().unwrap().contains("changed=yes"));
    if !login.has_credentials(if is_changed { b"changed" } else { b"password" }) {
        return HttpResponse::Forbidden().finish();
    }
    let mut home = HttpResponse::SeeOther();
    home.append_header(session(login.owner())).append_header(("location", login.return_to())).finish()
}

async fn transfer(SteppedUp(step_up): SteppedUp) -> String {
    format!("transferred for {}", step_up.owner().user_id())
}

struct Host {
    server: Server,
    challenges: Challenges,
    clock: FakeClock,
}

impl Host {
    async fn start() -> Self {
        let clock = FakeClock::at(Timestamp::from_seconds(1_800_000_000));
        let mut policy = Policy::default();
        policy.trusted_purposes = vec![Pages::login_purpose().unwrap()];
        let builder = Challenges::builder(MemoryStore::new(), key_ring()).clock(clock.clone()).policy(policy);
        let challenges = builder.build().await.unwrap();
        let age = Duration::from_secs(300);
        let gate = StepUpGate::new(challenges.clone(), Purpose::new("transfer").unwrap(), age);
        let pages = Pages::builder(challenges.clone(), "https://app.example")
            .step_up(gate.clone())
            .sign_in_parameter("next")
            .build()
            .unwrap();
        let app = move || {
            let wrap = StepUpMiddleware::new(gate.clone(), signed_in).or_redirect(pages.factor_path()).unwrap();
            App::new()
                .app_data(web::Data::new(pages.clone()))
                .service(web::resource("/transfer").wrap(wrap).route(web::get().to(transfer)))
                .route("/login", web::post().to(login))
                .route("/login/finish", web::get().to(finish))
                .service(challenges_actix::pages(pages.clone(), signed_in))
        };
        let server =
            Server::start(|listener| HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run());
        Self { server, challenges, clock }
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
        self.clock.advance(Duration::from_secs(30));
        format!("code={}&trust=yes", app.code(self.challenges.now()))
    }
}

/// A browser: keeps cookies, and says that its forms come from the same origin.
struct Browser<'a>(&'a Host, BTreeMap<String, String>);

impl Browser<'_> {
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
        let reply = self.0.server.ask(request).await;
        for value in reply.headers("set-cookie") {
            let (pair, attributes) = value.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            match attributes.contains("Max-Age=0") {
                true => drop(self.1.remove(name)),
                false => drop(self.1.insert(name.to_owned(), value.to_owned())),
            }
        }
        let location = reply.header("location").unwrap_or_default().to_owned();
        (reply.status, location, String::from_utf8(reply.body).unwrap())
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
    let mut browser = Browser(&host, BTreeMap::new());
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
    let mut browser = Browser(&host, BTreeMap::new());
    assert_eq!(browser.follow("GET", "/mfa/account", "").await, "/login?next=%2Fmfa%2Faccount");
}

#[tokio::test]
async fn pages_answer_unknown_paths_and_large_bodies() {
    let host = Host::start().await;
    let mut browser = Browser(&host, BTreeMap::new());
    for (method, path, status) in [("GET", "/mfa", 303), ("GET", "/mfa/nowhere", 404), ("PUT", "/mfa/factor", 405)] {
        assert_eq!(browser.ask(method, path, "").await.0, status, "{path}");
    }
    assert_eq!(browser.ask("POST", "/mfa/factor/totp", &"x".repeat(65_537)).await.0, 413);
    assert_eq!(browser.ask("GET", "/elsewhere", "").await.0, 404);
}

#[tokio::test]
async fn extractor_without_pages_fails_closed() {
    let app = App::new().route("/login/finish", web::get().to(finish));
    let app = init_service(app).await;
    let request = TestRequest::get().uri("/login/finish").to_request();
    assert_eq!(call_service(&app, request).await.status().as_u16(), 500);
}

/// R76: a login that began with an old password makes no session after the user changed the password.
#[tokio::test]
async fn changed_password_ends_a_pending_login() {
    for (is_changed, expected) in [(false, 303), (true, 403)] {
        let host = Host::start().await;
        let mut browser = Browser(&host, BTreeMap::new());
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
