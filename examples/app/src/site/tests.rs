#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use bytes::Bytes;
use challenges_core::{Answer, ChallengeType, Challenges, KeyRing, Owner, Timeout, Timestamp};
use challenges_core::approvals::{Actor, OneTimeUseAction};
use challenges_core::time::Clock;
use challenges_memory::MemoryStore;
use http::header::{COOKIE, ORIGIN, SET_COOKIE};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use std::sync::atomic::{AtomicU64, Ordering};

use super::Site;
use crate::flags::Flags;
use crate::outbound::Outbound;
use crate::session::Sessions;

mod messages;
mod passkeys;

/// A clock that advances on each call, so that challenges have distinct times.
#[derive(Debug)]
struct Ticking(AtomicU64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

struct Visitor {
    site: Site,
    challenges: Challenges,
    cookie: String,
}

impl Visitor {
    async fn new(public_url: &str) -> Self {
        let keys = KeyRing::generate().unwrap();
        let sessions = Sessions::new(&keys);
        let public_url: crate::PublicUrl = public_url.parse().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let vapid_file = directory.path().join("vapid").into_os_string();
        let gateway = "--sms-gateway=https://sms.example.org/".into();
        let flags = Flags::read(["demo".into(), "--vapid-file".into(), vapid_file, gateway]).unwrap();
        let outbound = Outbound::new(&flags, &keys, &public_url).unwrap();
        let policy = crate::demo::policy(&public_url).unwrap();
        let webauthn = crate::demo::webauthn(&public_url).unwrap();
        let challenges = Challenges::builder(MemoryStore::new(), keys).policy(policy).webauthn(webauthn);
        let challenges = challenges.answer_page(public_url.answer_page().unwrap());
        let challenges = challenges.clock(Ticking(AtomicU64::new(1_700_000_000_000))).build().await.unwrap();
        let site = Site::new(challenges.clone(), sessions, public_url, &outbound).unwrap();
        Self { site, challenges, cookie: String::new() }
    }

    async fn signed_in(name: &str) -> Self {
        Self::signed_in_at("http://localhost:8080", name).await
    }

    async fn signed_in_at(public_url: &str, name: &str) -> Self {
        Self::new(public_url).await.beside(name).await
    }

    /// Signs in another user at the same site.
    async fn beside(&self, name: &str) -> Self {
        let mut visitor = Self { site: self.site.clone(), challenges: self.challenges.clone(), cookie: String::new() };
        let response = visitor.send("POST", "/demo/sign-in", json!({ "user_name": name })).await;
        assert_eq!(response.status(), StatusCode::OK);
        let cookie = response.headers()[SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
        visitor.cookie = cookie.split(';').next().unwrap().to_owned();
        visitor
    }

    async fn send(&self, method: &str, path: &str, body: Value) -> Response<Bytes> {
        let request = Request::builder().method(method).uri(path).header(COOKIE, &self.cookie);
        self.site.respond(request.body(body.to_string().into()).unwrap()).await
    }

    async fn json(&self, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
        let response = self.send(method, path, body).await;
        (response.status(), serde_json::from_slice(response.body()).unwrap())
    }

    async fn get(&self, path: &str) -> (StatusCode, String) {
        let response = self.send("GET", path, Value::Null).await;
        (response.status(), String::from_utf8(response.body().to_vec()).unwrap())
    }

    async fn states(&self) -> Vec<String> {
        let (_, state) = self.json("GET", "/demo/state", Value::Null).await;
        let challenges = state["challenges"].as_array().unwrap();
        challenges.iter().map(|challenge| challenge["state"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn endpoints_require_a_session() {
    let stranger = Visitor::new("http://localhost:8080").await;
    for (method, path) in [("GET", "/demo/state"), ("POST", "/demo/enrollments"), ("POST", "/demo/approvals")] {
        assert_eq!(stranger.json(method, path, Value::Null).await.0, StatusCode::UNAUTHORIZED, "{path}");
        let alice = Visitor::signed_in("alice").await;
        assert!(alice.json(method, path, Value::Null).await.0.is_success(), "control: {path}");
    }
    assert!(stranger.get("/").await.1.contains("id=\"sign-in\""));
}

#[tokio::test]
async fn cross_site_requests_are_refused() {
    let alice = Visitor::signed_in("alice").await;
    let ask = |origin: &str| {
        let request = Request::post("/demo/approvals").header(COOKIE, &alice.cookie).header(ORIGIN, origin);
        alice.site.respond(request.body(Bytes::new()).unwrap())
    };
    assert_eq!(ask("https://evil.example").await.status(), StatusCode::FORBIDDEN);
    assert!(alice.states().await.is_empty());
    assert_eq!(ask("http://localhost:8080").await.status(), StatusCode::CREATED);
    assert_eq!(alice.states().await, ["issued"]);
}

#[tokio::test]
async fn answer_page_decides_nothing_by_itself() {
    let alice = Visitor::signed_in("alice <b>").await;
    let (_, approval) = alice.json("POST", "/demo/approvals", Value::Null).await;
    let link = url::Url::parse(approval["link"].as_str().unwrap()).unwrap();
    assert!(approval["qr"].is_null(), "phones cannot open a loopback address");

    let path = format!("{}?{}", link.path(), link.query().unwrap());
    for method in ["GET", "HEAD", "GET"] {
        let response = alice.send(method, &path, Value::Null).await;
        assert_eq!(response.status(), StatusCode::OK);
        let page = std::str::from_utf8(response.body()).unwrap();
        assert!(page.contains("id=\"approve\"") && page.contains("alice &lt;b&gt;"));
    }
    assert_eq!(alice.states().await, ["issued"]);

    let find = |name| link.query_pairs().find(|(it, _)| it == name).unwrap().1.into_owned();
    assert_eq!(find("challenge_uid"), "alice <b>");
    let id = find("challenge_id").parse().unwrap();
    let answer = Answer::decline(id, ChallengeType::Code, find("challenge_answer")).by_user("alice <b>");
    assert!(alice.challenges.answer(answer).await.unwrap().passed().is_none());
    assert_eq!(alice.states().await, ["challenge_declined"]);
    assert!(!alice.get(&path).await.1.contains("id=\"approve\""));
}

#[tokio::test]
async fn answer_page_shows_the_escaped_description() {
    let alice = Visitor::signed_in("alice").await;
    let page = async |body: Value| {
        let (status, approval) = alice.json("POST", "/demo/approvals", body).await;
        assert_eq!(status, StatusCode::CREATED);
        let link = url::Url::parse(approval["link"].as_str().unwrap()).unwrap();
        alice.get(&format!("{}?{}", link.path(), link.query().unwrap())).await.1
    };
    let shown = page(json!({ "about": " <script>alert(1)</script> & 120 € to Bob " })).await;
    assert!(shown.contains(">&lt;script&gt;alert(1)&lt;/script&gt; &amp; 120 € to Bob</bdi>"), "{shown}");
    assert!(!shown.contains("<script>alert"));
    for nothing in [Value::Null, json!({}), json!({ "about": "  " })] {
        assert!(!page(nothing).await.contains("asked-about"));
    }
    let (status, refused) = alice.json("POST", "/demo/approvals", json!({ "about": "120 to \u{202e}boB" })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(refused["error_message"].as_str().unwrap().contains("one line"));
}

#[tokio::test]
async fn answer_page_describes_an_action() {
    let alice = Visitor::signed_in("alice").await;
    let actor = Actor { user_id: "alice".into(), org_id: "acme".into() };
    let mut action = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(60).unwrap());
    action.description = Some("Open <b>door 7</b>".parse().unwrap());
    let created = alice.challenges.actions().create(Owner::user("alice").unwrap(), action).await.unwrap();
    let (id, secret) = (created.challenge.id(), created.secrets[0].approve.expose());
    let (_, page) = alice.get(&format!("/answer?challenge_answer={secret}&challenge_id={id}&allowed=true")).await;
    assert!(page.contains("Open &lt;b&gt;door 7&lt;/b&gt;") && page.contains("in your name"), "{page}");
}

#[tokio::test]
async fn reachable_links_come_with_a_qr_code() {
    let alice = Visitor::signed_in_at("http://192.168.1.4:8080", "alice").await;
    let (status, approval) = alice.json("POST", "/demo/approvals", Value::Null).await;
    assert_eq!(status, StatusCode::CREATED);
    assert!(approval["qr"].as_str().unwrap().contains("<svg"));
}

#[tokio::test]
async fn totp_key_is_shown_once() {
    let alice = Visitor::signed_in("a:lice").await;
    let (status, created) = alice.json("POST", "/demo/enrollments", Value::Null).await;
    assert_eq!(status, StatusCode::CREATED);
    let key = created["key"].as_str().unwrap();
    assert_eq!(key.len(), 32);
    assert!(created["qr"].as_str().unwrap().contains("<svg"));

    let path = format!("/demo/enrollments/{}", created["id"].as_str().unwrap());
    let (status, told) = alice.json("POST", &path, json!({ "code": "12345" })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(told["error_message"].as_str().unwrap().contains("not accepted"));
    assert!(!alice.get("/demo/state").await.1.contains(key));

    let (_, step_up) = alice.json("POST", "/demo/step-ups", Value::Null).await;
    assert_eq!(step_up["issued"], false, "a pending enrollment answers nothing");
    assert_eq!(alice.json("DELETE", &path, Value::Null).await.0, StatusCode::OK);
    assert_eq!(alice.json("DELETE", &path, Value::Null).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn newest_challenges_come_first() {
    let alice = Visitor::signed_in("alice").await;
    for _ in 0..25 {
        alice.json("POST", "/demo/approvals", Value::Null).await;
    }
    alice.json("POST", "/demo/step-ups", Value::Null).await;
    let states = alice.states().await;
    assert_eq!(states.len(), 20);
    assert_eq!(states[0], "challenge_failed");
    assert_eq!(states[1], "issued");
}

#[tokio::test]
async fn every_response_has_security_headers() {
    let visitor = Visitor::new("http://localhost:8080").await;
    let id = "0".repeat(40);
    let gone = format!("/answer?challenge_answer=x&challenge_id={id}");
    for (path, status) in [
        ("/", 200),
        ("/answer", 200),
        (gone.as_str(), 404),
        ("/static/page.css", 200),
        ("/static/../Cargo.toml", 404),
        ("/nowhere", 404),
        ("/demo/sign-in", 405),
        ("/demo/state", 401),
    ] {
        let response = visitor.send("GET", path, Value::Null).await;
        assert_eq!(response.status(), status, "{path}");
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        let csp = header("content-security-policy");
        assert!(csp.contains("script-src 'self'") && csp.contains("style-src 'self'") && !csp.contains("unsafe"));
        assert!(csp.contains("frame-ancestors 'none'"));
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
    }
}

#[tokio::test]
async fn unknown_api_paths_give_json_errors() {
    let visitor = Visitor::new("http://localhost:8080").await;
    let (status, told) = visitor.json("GET", "/v1/nowhere", Value::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(told["error_message"].is_string());
}

#[tokio::test]
async fn malformed_sign_in_gives_a_readable_error() {
    let visitor = Visitor::new("http://localhost:8080").await;
    for body in [json!({}), json!({ "user_name": 1 }), json!({ "user_name": "  " }), json!({ "user_name": "a\nb" })] {
        let (status, told) = visitor.json("POST", "/demo/sign-in", body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(told["error_message"].as_str().unwrap().ends_with('.'));
    }
}
