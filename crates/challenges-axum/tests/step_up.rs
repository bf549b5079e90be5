//! Tests of a route behind a step-up gate, over real connections.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use axum::routing::post;
use axum::{Extension, Router};
use challenges_axum::{StepUpGate, StepUpLayer, SteppedUp};
use challenges_core::step_up::Requirement;
use challenges_core::time::Clock;
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, KeyRing, Owner, Purpose};
use challenges_memory::MemoryStore;
use challenges_testkit::FakeClock;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const MAX_AGE: Duration = Duration::from_secs(300);

#[derive(Clone)]
struct App {
    challenges: Challenges,
    transfer: StepUpGate,
    transfers: Arc<AtomicUsize>,
}

/// The host's login: maps a session cookie to a user.
fn signed_in(parts: &Parts) -> Option<Owner> {
    let cookies = parts.headers.get("cookie")?.to_str().ok()?;
    let user = [("session=1", "alice"), ("session=2", "bob")].into_iter().find(|(pair, _)| cookies.contains(pair))?.1;
    Owner::user(user).ok()
}

async fn begin(State(app): State<App>, Path(user): Path<String>) -> String {
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_purpose(app.transfer.purpose().clone());
    let created = app.challenges.create(Owner::user(user).unwrap(), spec).await.unwrap();
    format!("{}/{}", created.challenge.id(), created.code.unwrap().expose())
}

async fn finish(State(app): State<App>, Path((id, code)): Path<(String, String)>) -> impl IntoResponse {
    let answer = Answer::allow(id.parse().unwrap(), ChallengeType::Code, code);
    let passed = app.challenges.answer(answer).await.unwrap().passed().unwrap();
    [app.transfer.grant(&passed).unwrap()]
}

async fn transfer(SteppedUp(step_up): SteppedUp, Extension(count): Extension<Arc<AtomicUsize>>) -> String {
    count.fetch_add(1, Ordering::SeqCst);
    format!("{} for {}", step_up.owner().user_id(), step_up.purpose())
}

struct Server {
    address: SocketAddr,
    clock: FakeClock,
    transfers: Arc<AtomicUsize>,
}

impl Server {
    async fn start() -> Self {
        let clock = FakeClock::default();
        clock.advance(Duration::from_secs(1_700_000_000));
        let builder = Challenges::builder(MemoryStore::new(), KeyRing::generate().unwrap()).clock(clock.clone());
        let challenges = builder.build().await.unwrap();
        let gate = |name| StepUpGate::new(challenges.clone(), Purpose::new(name).unwrap(), MAX_AGE);
        let gated = |gate| post(transfer).layer(StepUpLayer::new(gate, signed_in));
        let transfers = Arc::new(AtomicUsize::new(0));
        let app = App { challenges: challenges.clone(), transfer: gate("transfer"), transfers: transfers.clone() };
        let router = Router::new()
            .route("/transfer", gated(gate("transfer")))
            .route("/once", gated(gate("transfer").once()))
            .route("/view", gated(gate("view")))
            .route("/aal2", gated(gate("transfer").requiring(Requirement::aal2())))
            // The outer gate must not satisfy the inner gate.
            .route("/both", gated(gate("view")).layer(StepUpLayer::new(gate("transfer"), signed_in)))
            .route("/bare", post(transfer))
            .route("/begin/{user}", post(begin))
            .route("/finish/{id}/{code}", post(finish))
            .layer(Extension(app.transfers.clone()))
            .with_state(app);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, clock, transfers }
    }

    /// Adds a timeout, so that a failing test does not hang.
    async fn ask(&self, head: &str) -> Reply {
        tokio::time::timeout(Duration::from_secs(60), self.exchange(head)).await.unwrap()
    }

    async fn exchange(&self, head: &str) -> Reply {
        let mut connection = TcpStream::connect(self.address).await.unwrap();
        connection.write_all(format!("POST {head}\r\n\r\n").as_bytes()).await.unwrap();
        let mut reply = String::new();
        connection.read_to_string(&mut reply).await.unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        let headers: HeaderMap = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        Reply { status: head[9..12].parse().unwrap(), headers, body: body.to_owned() }
    }

    async fn post(&self, path: &str, cookies: &str) -> Reply {
        self.ask(&format!(
            "{path} HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\ncookie: {cookies}\r\ncontent-length: 0"
        ))
        .await
    }

    /// Passes a challenge for the transfer. Returns the step-up cookie.
    async fn step_up(&self, user: &str) -> String {
        let challenge = self.post(&format!("/begin/{user}"), "").await.body;
        let passed = self.post(&format!("/finish/{challenge}"), "").await;
        passed.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
    }
}

struct Reply {
    status: u16,
    headers: HeaderMap,
    body: String,
}

#[tokio::test]
async fn route_admits_user_and_purpose_until_max_age() {
    let server = Server::start().await;
    let alices = server.step_up("alice").await;
    let status = async |path: &str, cookies: &str| server.post(path, cookies).await.status;
    let let_through = server.post("/transfer", &format!("session=1; {alices}")).await;
    assert_eq!((let_through.status, let_through.body.as_str()), (200, "alice for transfer"));
    for (path, cookies) in [
        ("/transfer", "session=1".to_owned()),
        ("/transfer", format!("session=2; {alices}")),
        ("/transfer", format!("session=1; {}", server.step_up("bob").await)),
        ("/transfer", format!("session=1; {alices}x")),
        ("/view", format!("session=1; {alices}")),
        ("/both", format!("session=1; {alices}")),
    ] {
        assert_eq!(status(path, &cookies).await, 401, "{path} {cookies}");
    }
    server.clock.advance(MAX_AGE);
    assert_eq!(status("/transfer", &format!("session=1; {alices}")).await, 200);
    server.clock.advance(Duration::from_millis(1));
    assert_eq!(status("/transfer", &format!("session=1; {alices}")).await, 401);
    assert_eq!(server.transfers.load(Ordering::SeqCst), 2, "no handler ran for refused requests");
    assert!(server.clock.now().as_seconds() > 1_700_000_000);
}

#[tokio::test]
async fn refusal_precedes_body_and_hints_at_step_up() {
    let server = Server::start().await;
    let head = "/transfer HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\ncontent-length: 1000000";
    let user = server.ask(&format!("{head}\r\ncookie: session=1")).await;
    let hint = r#"Bearer error="insufficient_user_authentication", max_age="300""#;
    assert_eq!((user.status, &user.headers["www-authenticate"]), (401, &hint.parse().unwrap()));
    assert!(user.body.contains("step_up_needed"), "{}", user.body);
    let nobody = server.ask(head).await;
    assert_eq!((nobody.status, &nobody.headers["www-authenticate"]), (401, &"Bearer".parse().unwrap()));
    assert!(nobody.body.contains("signed_out"), "{}", nobody.body);
}

/// R71: a gate with a requirement refuses a valid token without the evidence, and hints at the requirement.
#[tokio::test]
async fn requirement_refuses_and_hints() {
    let server = Server::start().await;
    let cookies = format!("session=1; {}", server.step_up("alice").await);
    let refused = server.post("/aal2", &cookies).await;
    let acr = "http://idmanagement.gov/ns/assurance/aal/2";
    let hint = format!(r#"Bearer error="insufficient_user_authentication", acr_values="{acr}", max_age="300""#);
    assert_eq!((refused.status, refused.headers["www-authenticate"].to_str().unwrap()), (401, hint.as_str()));
    assert_eq!(server.transfers.load(Ordering::SeqCst), 0);
    assert_eq!(server.post("/transfer", &cookies).await.status, 200, "control");
}

#[tokio::test]
async fn handler_does_not_run_without_its_gate() {
    let server = Server::start().await;
    let alices = server.step_up("alice").await;
    let reply = server.post("/bare", &format!("session=1; {alices}")).await;
    assert_eq!(reply.status, 500);
    assert!(reply.body.contains("internal_error"), "{}", reply.body);
    assert_eq!(server.transfers.load(Ordering::SeqCst), 0);
}

/// R1: of concurrent requests with one single-use token, exactly one is admitted.
#[tokio::test]
async fn once_gate_admits_one_of_concurrent_requests() {
    let server = Arc::new(Server::start().await);
    let cookies = format!("session=1; {}", server.step_up("alice").await);
    let requests: Vec<_> = (0..16)
        .map(|_| {
            let (server, cookies) = (server.clone(), cookies.clone());
            tokio::spawn(async move { server.post("/once", &cookies).await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for request in requests {
        statuses.push(request.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (200, [401; 15].as_slice()));
    assert_eq!(server.transfers.load(Ordering::SeqCst), 1);
}

/// R39: a prefetch does not use up a single-use token.
#[tokio::test]
async fn prefetch_does_not_use_up_a_token() {
    let server = Server::start().await;
    let cookies = format!("session=1; {}", server.step_up("alice").await);
    let head = "/once HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\ncontent-length: 0";
    let prefetch = server.ask(&format!("{head}\r\ncookie: {cookies}\r\nsec-purpose: prefetch")).await;
    assert_eq!(prefetch.status, 400, "{}", prefetch.body);
    assert_eq!(server.post("/once", &cookies).await.status, 200);
    assert_eq!(server.post("/once", &cookies).await.status, 401, "control");
}
