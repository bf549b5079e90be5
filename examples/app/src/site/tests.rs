#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod answer_page;
mod messages;
mod passkeys;
mod stolen_session;
mod visitor;

use bytes::Bytes;
use http::header::{COOKIE, ORIGIN};
use http::{Request, StatusCode};
use serde_json::{Value, json};

use visitor::Visitor;

#[tokio::test]
async fn endpoints_require_a_session() {
    let stranger = Visitor::new("http://localhost:8080").await;
    for (method, path) in [("GET", "/demo/state"), ("POST", "/demo/enrollments"), ("POST", "/demo/approvals")] {
        assert_eq!(stranger.json(method, path, Value::Null).await.0, StatusCode::UNAUTHORIZED, "{path}");
        let alice = Visitor::signed_in("alice").await;
        assert!(alice.json(method, path, Value::Null).await.0.is_success(), "control: {path}");
    }
    assert!(stranger.get("/").await.1.contains("id=\"sign-in\""));
    assert_eq!(stranger.get("/health").await.0, StatusCode::OK);
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
