//! Errors, extractors and redirections in handlers of the host.

use std::time::Duration;

use actix_http::Request;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, init_service, try_call_service};
use actix_web::{App, HttpRequest, web};
use challenges_actix::{Error, StepUpGate, StepUpMiddleware, SteppedUp};
use challenges_core::{
    Answer, ChallengeId, ChallengeSpec, ChallengeType, Challenges, EndpointId, EnrollmentId, OutboxId, Owner, Purpose,
};

use crate::server::challenges;

fn gate(challenges: &Challenges, purpose: &str) -> StepUpGate {
    StepUpGate::new(challenges.clone(), Purpose::new(purpose).unwrap(), Duration::from_secs(300))
}

fn alice() -> Owner {
    Owner::user("alice").unwrap()
}

fn signed_in(_: &HttpRequest) -> Option<Owner> {
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

async fn ask<S, B>(app: &S, path: &str, headers: &[(&str, &str)]) -> Reply
where
    S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody,
{
    let request = headers.iter().fold(TestRequest::get().uri(path), |request, header| request.append_header(*header));
    let response = try_call_service(app, request.to_request()).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = actix_web::test::read_body(response).await;
    Reply { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

#[tokio::test]
async fn error_has_the_body_of_the_api() {
    async fn find(challenges: web::Data<Challenges>, id: web::Path<String>) -> Result<&'static str, Error> {
        Ok(challenges.get(id.parse()?).await?.state().as_str())
    }
    async fn refuse() -> Result<&'static str, Error> {
        Owner::user("")?;
        Ok("")
    }
    let challenges = web::Data::new(challenges().await);
    let app = App::new()
        .app_data(challenges)
        .route("/find/{id}", web::get().to(find))
        .route("/refuse", web::get().to(refuse));
    let app = init_service(app).await;
    let unknown = ask(&app, "/find/unknown", &[]).await;
    assert_eq!(
        (unknown.status, unknown.body.as_str()),
        (
            404,
            r#"{"error_code":"not_found","error_message":"not found: no such id, or the id belongs to another user"}"#
        )
    );
    assert_eq!(unknown.headers.get("cache-control").unwrap(), "no-store");
    let invalid = ask(&app, "/refuse", &[]).await;
    assert_eq!(invalid.status, 400);
    assert!(invalid.body.contains("malformed_name"), "{}", invalid.body);
}

#[tokio::test]
async fn ids_are_path_parameters() {
    let challenges = challenges().await;
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    let id = challenges.create(alice(), spec).await.unwrap().challenge.id().to_string();
    let app = App::new()
        .route("/challenges/{id}", web::get().to(async |id: web::Path<ChallengeId>| id.to_string()))
        .route("/enrollments/{id}", web::get().to(async |id: web::Path<EnrollmentId>| id.to_string()))
        .route("/endpoints/{id}", web::get().to(async |id: web::Path<EndpointId>| id.to_string()))
        .route("/outbox/{id}", web::get().to(async |id: web::Path<OutboxId>| id.to_string()));
    let app = init_service(app).await;
    for folder in ["challenges", "enrollments", "endpoints", "outbox"] {
        let reply = ask(&app, &format!("/{folder}/{id}"), &[]).await;
        assert_eq!((reply.status, &reply.body), (200, &id), "{folder}");
        for malformed in ["x", &format!("{id}0"), &id.replace(|_: char| true, "-")] {
            assert_eq!(ask(&app, &format!("/{folder}/{malformed}"), &[]).await.status, 404, "{folder} {malformed}");
        }
    }
}

#[tokio::test]
async fn optional_gate_admits_without_step_up() {
    async fn balance(step_up: Option<SteppedUp>) -> String {
        step_up.map_or("hidden".to_owned(), |SteppedUp(step_up)| step_up.purpose().to_string())
    }
    async fn strict(_: SteppedUp) -> &'static str {
        ""
    }
    let challenges = challenges().await;
    let (view, transfer) = (gate(&challenges, "view"), gate(&challenges, "transfer"));
    let optional = || StepUpMiddleware::new(view.clone(), signed_in).optional();
    let app = App::new()
        .service(web::resource("/balance").wrap(optional()).to(balance))
        .service(web::resource("/strict").wrap(optional()).to(strict))
        // The token of the outer gate must not satisfy the optional inner gate.
        .service(
            web::scope("/nested")
                .wrap(StepUpMiddleware::new(transfer.clone(), signed_in))
                .service(web::resource("").wrap(optional()).to(balance)),
        )
        .service(web::resource("/required").wrap(StepUpMiddleware::new(view.clone(), signed_in)).to(balance))
        .service(web::resource("/bare").to(balance));
    let app = init_service(app).await;
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
    let challenges = challenges().await;
    let gate = gate(&challenges, "transfer");
    let middleware = StepUpMiddleware::new(gate.clone(), signed_in).or_redirect("/step-up").unwrap();
    let page = || web::resource("/transfer").wrap(middleware.clone()).to(async || "form");
    let app = init_service(App::new().service(web::scope("/bank").service(page())).service(page())).await;
    let html = ("accept", "text/html");
    for (path, location) in [
        ("/transfer?to=bob", "/step-up?purpose=transfer&return_to=%2Ftransfer%3Fto%3Dbob"),
        ("/bank/transfer", "/step-up?purpose=transfer&return_to=%2Fbank%2Ftransfer"),
    ] {
        let reply = ask(&app, path, &[html]).await;
        assert_eq!((reply.status, reply.headers.get("location").unwrap().to_str().unwrap()), (303, location));
        assert_eq!(ask(&app, path, &[("accept", "application/json")]).await.status, 401);
    }
    let cookie = cookie(&challenges, &gate).await;
    assert_eq!(ask(&app, "/bank/transfer", &[html, ("cookie", &cookie)]).await.body, "form");
    assert!(StepUpMiddleware::new(gate, signed_in).or_redirect("https://evil.example").is_err());
}
