//! Tests of errors, extractors and redirections in handlers of the host.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use challenges_axum::{Error, StepUpGate, StepUpLayer, SteppedUp};
use challenges_core::{
    Answer, ChallengeId, ChallengeSpec, ChallengeType, Challenges, EndpointId, EnrollmentId, KeyRing, OutboxId, Owner,
    Purpose,
};
use challenges_memory::MemoryStore;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

async fn service() -> Challenges {
    Challenges::builder(MemoryStore::new(), KeyRing::generate().unwrap()).build().await.unwrap()
}

fn gate(challenges: &Challenges, purpose: &str) -> StepUpGate {
    StepUpGate::new(challenges.clone(), Purpose::new(purpose).unwrap(), Duration::from_secs(300))
}

fn alice() -> Owner {
    Owner::user("alice").unwrap()
}

fn signed_in(_: &Parts) -> Option<Owner> {
    Some(alice())
}

/// Passes a challenge. Returns the step-up cookie.
async fn cookie(challenges: &Challenges, gate: &StepUpGate) -> String {
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_purpose(gate.purpose().clone());
    let created = challenges.create(alice(), spec).await.unwrap();
    let code = created.code.unwrap();
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose());
    let passed = challenges.answer(answer).await.unwrap().passed().unwrap();
    gate.grant(&passed).unwrap().1.to_str().unwrap().split(';').next().unwrap().to_owned()
}

struct Reply {
    status: u16,
    headers: HeaderMap,
    body: String,
}

async fn ask(app: &Router, path: &str, headers: &[(&str, &str)]) -> Reply {
    let request = headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
    let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Reply { status: head.status.as_u16(), headers: head.headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

#[tokio::test]
async fn error_has_the_body_of_the_api() {
    async fn find(State(challenges): State<Challenges>, Path(id): Path<String>) -> Result<Response, Error> {
        let challenge = challenges.get(id.parse()?).await?;
        Ok(challenge.state().as_str().into_response())
    }
    async fn refuse() -> Result<(), Error> {
        Owner::user("")?;
        Ok(())
    }
    let app = Router::new().route("/find/{id}", get(find)).route("/refuse", get(refuse)).with_state(service().await);
    let unknown = ask(&app, "/find/unknown", &[]).await;
    assert_eq!(
        (unknown.status, unknown.body.as_str()),
        (
            404,
            r#"{"error_code":"not_found","error_message":"not found: no such id, or the id belongs to another user"}"#
        )
    );
    assert_eq!(unknown.headers["cache-control"], "no-store");
    let invalid = ask(&app, "/refuse", &[]).await;
    assert_eq!(invalid.status, 400);
    assert!(invalid.body.contains("malformed_name"), "{}", invalid.body);
}

#[tokio::test]
async fn ids_are_path_parameters() {
    let challenges = service().await;
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    let id = challenges.create(alice(), spec).await.unwrap().challenge.id().to_string();
    let app: Router = Router::new()
        .route("/challenges/{id}", get(async |Path(id): Path<ChallengeId>| id.to_string()))
        .route("/enrollments/{id}", get(async |Path(id): Path<EnrollmentId>| id.to_string()))
        .route("/endpoints/{id}", get(async |Path(id): Path<EndpointId>| id.to_string()))
        .route("/outbox/{id}", get(async |Path(id): Path<OutboxId>| id.to_string()));
    for folder in ["challenges", "enrollments", "endpoints", "outbox"] {
        let reply = ask(&app, &format!("/{folder}/{id}"), &[]).await;
        assert_eq!((reply.status, &reply.body), (200, &id), "{folder}");
        for malformed in ["x", &format!("{id}0"), &id.replace(|_: char| true, "-")] {
            assert_eq!(ask(&app, &format!("/{folder}/{malformed}"), &[]).await.status, 400, "{folder} {malformed}");
        }
    }
}

#[tokio::test]
async fn optional_gate_admits_without_step_up() {
    async fn balance(step_up: Option<SteppedUp>) -> String {
        step_up.map_or("hidden".to_owned(), |SteppedUp(step_up)| step_up.purpose().to_string())
    }
    async fn strict(_: SteppedUp) {}
    let challenges = service().await;
    let (view, transfer) = (gate(&challenges, "view"), gate(&challenges, "transfer"));
    let optional = || StepUpLayer::new(view.clone(), signed_in).optional();
    let outer = StepUpLayer::new(transfer.clone(), signed_in);
    let app: Router = Router::new()
        .route("/balance", get(balance).layer(optional()))
        .route("/strict", get(strict).layer(optional()))
        // The token of the outer gate must not satisfy the optional inner gate.
        .route("/nested", get(balance).layer(optional()).layer(outer))
        .route("/required", get(balance).layer(StepUpLayer::new(view.clone(), signed_in)))
        .route("/bare", get(balance));
    let (views, transfers) = (cookie(&challenges, &view).await, cookie(&challenges, &transfer).await);
    for (path, cookie, status, body) in [
        ("/balance", "", 200, "hidden"),
        ("/balance", &transfers, 200, "hidden"),
        ("/balance", &views, 200, "view"),
        ("/nested", &transfers, 200, "hidden"),
        ("/required", &views, 200, "view"),
        ("/bare", &views, 200, "hidden"),
        ("/strict", &views, 200, ""),
    ] {
        let reply = ask(&app, path, &[("cookie", cookie)]).await;
        assert_eq!((reply.status, reply.body.as_str()), (status, body), "{path} {cookie}");
    }
    for path in ["/strict", "/required"] {
        let reply = ask(&app, path, &[]).await;
        assert!(reply.status == 401 && reply.body.contains("step_up_needed"), "{path} {}", reply.body);
    }
}

#[tokio::test]
async fn pages_redirect_to_the_step_up_page() {
    let challenges = service().await;
    let gate = gate(&challenges, "transfer");
    let layer = StepUpLayer::new(gate.clone(), signed_in).or_redirect("/step-up").unwrap();
    let pages = Router::new().route("/transfer", get(async || "form").layer(layer.clone()));
    let app: Router = Router::new().nest("/bank", pages.clone()).merge(pages);
    let html = ("accept", "text/html");
    for (path, location) in [
        ("/transfer?to=bob", "/step-up?purpose=transfer&return_to=%2Ftransfer%3Fto%3Dbob"),
        ("/bank/transfer", "/step-up?purpose=transfer&return_to=%2Fbank%2Ftransfer"),
    ] {
        let reply = ask(&app, path, &[html]).await;
        assert_eq!((reply.status, reply.headers["location"].to_str().unwrap()), (303, location));
        assert_eq!(ask(&app, path, &[("accept", "application/json")]).await.status, 401);
    }
    let cookie = cookie(&challenges, &gate).await;
    assert_eq!(ask(&app, "/bank/transfer", &[html, ("cookie", &cookie)]).await.body, "form");
    assert!(StepUpLayer::new(gate, signed_in).or_redirect("https://evil.example").is_err());
}
