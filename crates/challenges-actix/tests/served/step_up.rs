use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use challenges_actix::{Header, StepUpGate, StepUpMiddleware, SteppedUp};
use challenges_core::step_up::Requirement;
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, KeyRing, Owner, Purpose};
use challenges_memory::MemoryStore;
use challenges_testkit::FakeClock;

use crate::server::{Reply, Server};

const MAX_AGE: Duration = Duration::from_secs(300);

/// The host's login: maps a session cookie to a user.
fn signed_in(request: &HttpRequest) -> Option<Owner> {
    let cookies = request.headers().get("cookie")?.to_str().ok()?;
    let user = [("session=1", "alice"), ("session=2", "bob")].into_iter().find(|(pair, _)| cookies.contains(pair))?.1;
    Owner::user(user).ok()
}

async fn transfer(SteppedUp(step_up): SteppedUp, count: web::Data<AtomicUsize>) -> String {
    count.fetch_add(1, Ordering::SeqCst);
    format!("{} for {}", step_up.owner().user_id(), step_up.purpose())
}

async fn finish(
    path: web::Path<(String, String)>,
    challenges: web::Data<Challenges>,
    gate: web::Data<StepUpGate>,
) -> HttpResponse {
    let (id, code) = path.into_inner();
    let answer = Answer::allow(id.parse().unwrap(), ChallengeType::Code, code);
    let passed = challenges.answer(answer).await.unwrap().passed().unwrap();
    let granted = gate.grant(&passed).unwrap();
    let token = granted.1.to_str().unwrap().to_owned();
    let response = HttpResponse::Ok().append_header(Header::from(granted)).finish();
    // R26: logging a response does not log the token.
    assert!(!format!("{response:?}").contains(&token));
    let unmarked = HttpResponse::Ok().append_header(("set-cookie", token.as_str())).finish();
    assert!(format!("{unmarked:?}").contains(&token), "control");
    response
}

struct Guarded {
    server: Server,
    challenges: Challenges,
    gate: StepUpGate,
    clock: FakeClock,
    transfers: Arc<AtomicUsize>,
}

impl Guarded {
    async fn start() -> Self {
        let clock = FakeClock::default();
        clock.advance(Duration::from_secs(1_700_000_000));
        let builder = Challenges::builder(MemoryStore::new(), KeyRing::generate().unwrap()).clock(clock.clone());
        let challenges = builder.build().await.unwrap();
        let transfers = Arc::new(AtomicUsize::new(0));
        let (service, count) = (challenges.clone(), transfers.clone());
        let app = move || {
            let gate = |name| StepUpGate::new(service.clone(), Purpose::new(name).unwrap(), MAX_AGE);
            let wrap = |gate| StepUpMiddleware::new(gate, signed_in);
            let post = || web::post().to(transfer);
            App::new()
                .app_data(web::Data::from(count.clone()))
                .app_data(web::Data::new(service.clone()))
                .app_data(web::Data::new(gate("transfer")))
                .service(web::resource("/transfer").wrap(wrap(gate("transfer"))).route(post()))
                .service(web::resource("/once").wrap(wrap(gate("transfer").once())).route(post()))
                .service(
                    web::resource("/aal2").wrap(wrap(gate("transfer").requiring(Requirement::aal2()))).route(post()),
                )
                .service(web::resource("/view").wrap(wrap(gate("view"))).route(post()))
                // The outer gate must not satisfy the inner gate.
                .service(
                    web::scope("/both")
                        .wrap(wrap(gate("transfer")))
                        .service(web::resource("").wrap(wrap(gate("view"))).route(post())),
                )
                .route("/bare", post())
                .route("/finish/{id}/{code}", web::post().to(finish))
        };
        let server = Server::start(|listener| HttpServer::new(app).workers(2).listen(listener).unwrap().run());
        let gate = StepUpGate::new(challenges.clone(), Purpose::new("transfer").unwrap(), MAX_AGE);
        Self { server, challenges, gate, clock, transfers }
    }

    async fn post(&self, path: &str, cookies: &str) -> Reply {
        let head = format!("POST {path} HTTP/1.1\r\nhost: a.example\r\ncookie: {cookies}\r\ncontent-length: 0\r\n\r\n");
        self.server.ask(head).await
    }

    /// Passes a challenge for the transfer. Returns the step-up cookie.
    async fn step_up(&self, user: &str) -> String {
        let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_purpose(self.gate.purpose().clone());
        let created = self.challenges.create(Owner::user(user).unwrap(), spec).await.unwrap();
        let path = format!("/finish/{}/{}", created.challenge.id(), created.code.unwrap().expose());
        self.post(&path, "").await.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
    }
}

#[tokio::test]
async fn route_admits_user_and_purpose_until_max_age() {
    let guarded = Guarded::start().await;
    let alices = guarded.step_up("alice").await;
    let own = format!("session=1; {alices}");
    let let_through = guarded.post("/transfer", &own).await;
    assert_eq!((let_through.status, let_through.body.as_slice()), (200, b"alice for transfer".as_slice()));
    for (path, cookies) in [
        ("/transfer", "session=1"),
        ("/transfer", &format!("session=2; {alices}")),
        ("/transfer", &format!("session=1; {}", guarded.step_up("bob").await)),
        ("/transfer", &format!("{own}x")),
        ("/view", &own),
        ("/both", &own),
    ] {
        assert_eq!(guarded.post(path, cookies).await.status, 401, "{path} {cookies}");
    }
    guarded.clock.advance(MAX_AGE);
    assert_eq!(guarded.post("/transfer", &own).await.status, 200);
    guarded.clock.advance(Duration::from_millis(1));
    assert_eq!(guarded.post("/transfer", &own).await.status, 401);
    assert_eq!(guarded.transfers.load(Ordering::SeqCst), 2, "no handler ran for refused requests");
}

#[tokio::test]
async fn refusal_precedes_body_and_hints_at_step_up() {
    let guarded = Guarded::start().await;
    let head = "POST /transfer HTTP/1.1\r\nhost: a.example\r\ncontent-length: 1000000\r\n";
    let user = guarded.server.ask(format!("{head}cookie: session=1\r\n\r\n")).await;
    let hint = r#"Bearer error="insufficient_user_authentication", max_age="300""#;
    assert_eq!((user.status, user.header("www-authenticate")), (401, Some(hint)));
    assert_eq!(user.json()["error_code"], "step_up_needed");
    let nobody = guarded.server.ask(format!("{head}\r\n")).await;
    assert_eq!((nobody.status, nobody.header("www-authenticate")), (401, Some("Bearer")));
    assert_eq!(nobody.json()["error_code"], "signed_out");
}

/// R71: a gate with a requirement refuses a valid token without the evidence, and hints at the requirement.
#[tokio::test]
async fn requirement_refuses_and_hints() {
    let guarded = Guarded::start().await;
    let own = format!("session=1; {}", guarded.step_up("alice").await);
    let refused = guarded.post("/aal2", &own).await;
    let acr = "http://idmanagement.gov/ns/assurance/aal/2";
    let hint = format!(r#"Bearer error="insufficient_user_authentication", acr_values="{acr}", max_age="300""#);
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, Some(hint.as_str())));
    assert_eq!(guarded.transfers.load(Ordering::SeqCst), 0);
    assert_eq!(guarded.post("/transfer", &own).await.status, 200, "control");
}

#[tokio::test]
async fn handler_does_not_run_without_its_gate() {
    let guarded = Guarded::start().await;
    let own = format!("session=1; {}", guarded.step_up("alice").await);
    let reply = guarded.post("/bare", &own).await;
    assert_eq!((reply.status, &reply.json()["error_code"]), (500, &"internal_error".into()));
    assert_eq!(guarded.transfers.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn other_users_cannot_use_up_a_token() {
    let guarded = Guarded::start().await;
    let alices = guarded.step_up("alice").await;
    let status = async |session: &str| guarded.post("/once", &format!("{session}; {alices}")).await.status;
    let statuses = [status("session=2").await, status("session=1").await, status("session=1").await];
    assert_eq!(statuses, [401, 200, 401]);
    assert_eq!(guarded.transfers.load(Ordering::SeqCst), 1);
}

/// R39: a prefetch does not use up a single-use token.
#[tokio::test]
async fn prefetch_does_not_use_up_a_token() {
    let guarded = Guarded::start().await;
    let cookies = format!("session=1; {}", guarded.step_up("alice").await);
    let head = format!("POST /once HTTP/1.1\r\nhost: a.example\r\ncontent-length: 0\r\ncookie: {cookies}\r\n");
    let prefetch = guarded.server.ask(format!("{head}sec-purpose: prefetch\r\n\r\n")).await;
    assert_eq!((prefetch.status, &prefetch.json()["error_code"]), (400, &"prefetch".into()));
    assert_eq!(guarded.post("/once", &cookies).await.status, 200);
    assert_eq!(guarded.post("/once", &cookies).await.status, 401, "control");
}

/// R39: without its headers, a request is not known to be no prefetch.
#[tokio::test]
async fn request_that_cannot_be_read_uses_up_no_token() {
    let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate().unwrap()).build().await.unwrap();
    let gate = StepUpGate::new(challenges.clone(), Purpose::new("transfer").unwrap(), MAX_AGE).once();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_purpose(gate.purpose().clone());
    let created = challenges.create(Owner::user("alice").unwrap(), spec).await.unwrap();
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, created.code.unwrap().expose());
    let granted = gate.grant(&challenges.answer(answer).await.unwrap().passed().unwrap()).unwrap();
    let cookie = format!("session=1; {}", granted.1.to_str().unwrap().split(';').next().unwrap());
    let route = web::resource("/").wrap(StepUpMiddleware::new(gate, signed_in)).to(HttpResponse::Ok);
    let service = actix_web::test::init_service(App::new().service(route)).await;
    // More headers than a map of version 1 of the `http` crate can hold.
    for (headers, status) in [(40_000, 500), (0, 200), (0, 401)] {
        let mut request = actix_web::test::TestRequest::get().insert_header(("cookie", cookie.as_str()));
        for number in 0..headers {
            request = request.insert_header((format!("x-{number}"), "1"));
        }
        let request = request.insert_header(("sec-purpose", if headers > 0 { "prefetch" } else { "none" }));
        let response = actix_web::test::call_service(&service, request.to_request()).await;
        assert_eq!(response.status().as_u16(), status, "{headers} headers");
    }
}
