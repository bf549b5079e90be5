//! Tests of the API in an axum application.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::routing::get;
use challenges_core::{Challenges, KeyRing, Store};
use challenges_http::{Api, AuthorizeError, Authorizer, BearerToken, Principal, StaticToken};
use challenges_memory::MemoryStore;
use challenges_testkit::Interrupted;
use http_body_util::{BodyExt as _, Limited};
use serde_json::Value;
use tokio::sync::Notify;
use tower::ServiceExt as _;

const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

async fn service() -> Challenges {
    Challenges::builder(MemoryStore::new(), KeyRing::generate().unwrap()).build().await.unwrap()
}

fn api(challenges: Challenges, authorizer: impl Authorizer) -> Api {
    Api::builder(challenges, authorizer).public_base("https://api.example").build().unwrap()
}

async fn app() -> Router {
    let api = api(service().await, StaticToken::new("token", Principal::any_user()));
    let app: Router = Router::new()
        .route("/", get(async || "home"))
        .nest("/mfa", challenges_axum::router(api.clone()))
        .merge(challenges_axum::router(api));
    app
}

fn request(method: &str, path: &str, body: &str) -> Request<Body> {
    let request = Request::builder().method(method).uri(path).header("authorization", "Bearer token");
    request.body(Body::from(body.to_owned())).unwrap()
}

async fn send(app: &Router, method: &str, path: &str, body: &str) -> (StatusCode, Option<Value>) {
    let response = app.clone().oneshot(request(method, path, body)).await.unwrap();
    let (head, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (head.status, serde_json::from_slice(&bytes).ok())
}

const CREATE: &str = r#"{"spec": {"user_id": "alice", "challenge_type": "code", "send_now": true}}"#;

#[tokio::test]
async fn api_works_with_and_without_a_prefix() {
    let app = app().await;
    for prefix in ["", "/mfa"] {
        let (status, created) = send(&app, "POST", &format!("{prefix}/v1/challenges"), CREATE).await;
        let created = created.unwrap();
        assert_eq!(status, 201);
        let id = created["metadata"]["id"].as_str().unwrap();
        let code = created["status"]["code"].as_str().unwrap();
        let challenge = format!("{prefix}/v1/challenges/{id}");
        let answers = format!("{challenge}/answers?challenge_answer={code}&challenge_type=code&allowed=true");
        assert_eq!(send(&app, "HEAD", &answers, "").await.0, 405);
        assert_eq!(send(&app, "GET", &challenge, "").await.1.unwrap()["status"]["state"], "issued");
        assert_eq!(send(&app, "GET", &answers, "").await.0, 200);
        assert_eq!(send(&app, "DELETE", &challenge, "").await.0, 204);
        let list = format!("{prefix}/v1/challenge_enrollment/totp?user_id=alice");
        assert_eq!(send(&app, "GET", &list, "").await.0, 200);
        let devices = format!("{prefix}/v1/challenge_enrollment/trusted_devices");
        let list = send(&app, "GET", &format!("{devices}?user_id=alice"), "").await.1.unwrap();
        assert_eq!(list["trusted_devices"], serde_json::json!([]));
        assert_eq!(send(&app, "DELETE", &format!("{devices}?user_id=alice"), "").await.0, 204);
        assert_eq!(send(&app, "DELETE", &format!("{devices}/{id}?user_id=alice"), "").await.0, 404);
        for path in [
            "/v1/challenges/",
            "/v1/challenge_enrollment",
            "/v1/challenge_enrollment/",
            "/v1/challenges/a/b",
            "/v1/challenges//",
        ] {
            let (status, message) = send(&app, "GET", &format!("{prefix}{path}"), "").await;
            assert_eq!((status.as_u16(), &message.unwrap()["error_code"]), (404, &Value::from("no_route")), "{path}");
        }
    }
    assert_eq!(send(&app, "GET", "/", "").await.0, 200);
    for path in [
        "/v1/challenges2",
        "/v1/challenge",
        "/v1/other",
        "/other/v1/challenges",
        "/v1/%63hallenges",
        "/%761/challenges",
    ] {
        assert_eq!(send(&app, "GET", path, "").await, (StatusCode::NOT_FOUND, None), "{path} belongs to the host");
    }
}

/// A layer of the host may limit bodies below the limit of the API.
#[tokio::test]
async fn outer_body_limit_gives_413() {
    let limit = async |request: Request<Body>, next: Next| {
        next.run(request.map(|body| Body::new(Limited::new(body, 100)))).await
    };
    let app = app().await.layer(from_fn(limit));
    assert_eq!(send(&app, "POST", "/v1/challenges", CREATE).await.0, 201, "control");
    let (status, message) = send(&app, "POST", "/v1/challenges", &format!("{CREATE}{}", " ".repeat(100))).await;
    assert_eq!((status.as_u16(), &message.unwrap()["error_code"]), (413, &Value::from("body_too_large")));
}

#[tokio::test]
async fn bodies_may_exceed_the_axum_default_limit() {
    let app = app().await;
    let action = format!(
        r#"{{"challenge_action_type": "http_action", "method": "POST", "uri": "https://doors.example", "body": "{}"}}"#,
        "x".repeat(240_000)
    );
    let actions = vec![action; 16].join(",");
    let body = format!(
        r#"{{"spec": {{"approved_actions": [{actions}], "declined_actions": [], "timeout_seconds": 60, "actors": [{{"user_id": "a", "org_id": "b"}}]}}}}"#
    );
    assert_eq!(send(&app, "POST", "/v1/challenges/one_time_use_actions", &body).await.0, 201);
    let larger = format!("{body}{}", " ".repeat(4 << 20));
    assert_eq!(send(&app, "POST", "/v1/challenges/one_time_use_actions", &larger).await.0, 413);
}

/// An authorizer that panics for one token and never completes for another.
#[derive(Clone, Debug, Default)]
struct Odd {
    entered: Arc<Notify>,
    left: Arc<Notify>,
}

#[async_trait]
impl Authorizer for Odd {
    async fn authorize(&self, bearer: &BearerToken) -> Result<Principal, AuthorizeError> {
        if !bearer.matches("token") {
            panic!("a defect of the host");
        }
        let _on_drop = OnDrop(self.left.clone());
        self.entered.notify_one();
        std::future::pending().await
    }
}

/// Notifies when dropped.
struct OnDrop(Arc<Notify>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// Adds a timeout, so that a failing test does not hang.
async fn soon(future: impl Future<Output = ()>) {
    tokio::time::timeout(Duration::from_secs(60), future).await.unwrap();
}

#[tokio::test]
async fn panic_is_500() {
    let app: Router = challenges_axum::router(api(service().await, Odd::default()));
    let request = Request::post("/v1/challenges").header("authorization", "Bearer boom").body(Body::empty()).unwrap();
    let response = app.oneshot(request).await.unwrap();
    assert_eq!(response.status(), 500);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["error_code"], "internal_error");
    assert!(!String::from_utf8_lossy(&body).contains("defect"));
}

#[tokio::test]
async fn reading_stops_when_the_client_disconnects() {
    let odd = Odd::default();
    let app: Router = challenges_axum::router(api(service().await, odd.clone()));
    let client = tokio::spawn(app.oneshot(request("POST", "/v1/challenges", CREATE)));
    soon(odd.entered.notified()).await;
    client.abort();
    soon(odd.left.notified()).await;
}

#[tokio::test]
async fn change_completes_after_the_client_disconnects() {
    let store = Arc::new(MemoryStore::new());
    let build = |store: Arc<dyn Store>| Challenges::builder(store, KEYS.parse::<KeyRing>().unwrap()).build();
    let challenges = build(store.clone()).await.unwrap();
    let (entered, dropped) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let held_up = Interrupted::new(store, {
        let (entered, dropped) = (entered.clone(), dropped.clone());
        async move {
            entered.notify_one();
            dropped.notified().await;
        }
    });
    let token = StaticToken::new("token", Principal::any_user());
    let app: Router = challenges_axum::router(api(build(Arc::new(held_up)).await.unwrap(), token));
    let client = tokio::spawn(app.oneshot(request("POST", "/v1/challenges", CREATE)));
    soon(entered.notified()).await;
    client.abort();
    assert!(client.await.unwrap_err().is_cancelled());
    dropped.notify_one();
    let alice = challenges_core::Owner::user("alice").unwrap();
    soon(async {
        while challenges.list(&alice, None, 1).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
