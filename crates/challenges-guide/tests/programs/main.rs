//! Runs the programs of the guide.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[allow(unreachable_pub)]
mod own_store;
mod visits;

#[allow(dead_code)]
#[path = "../../examples/login_actix.rs"]
mod login_actix;
#[allow(dead_code)]
#[path = "../../examples/login_axum.rs"]
mod login_axum;
#[allow(dead_code)]
#[path = "../../examples/lost.rs"]
mod lost;
#[allow(dead_code)]
#[path = "../../examples/postgres_axum.rs"]
mod postgres_axum;
#[allow(dead_code)]
#[path = "../../examples/postgres_tokio.rs"]
mod postgres_tokio;
#[allow(dead_code)]
#[path = "../../examples/start_actix.rs"]
mod start_actix;
#[allow(dead_code)]
#[path = "../../examples/start_axum.rs"]
mod start_axum;

use actix_web::App;
use actix_web::middleware::from_fn;
use challenges::memory::MemoryStore;
use challenges::{Answer, ChallengeSpec, ChallengeType, Challenges, Grant, Owner};
use challenges_testkit::{Authenticator, administrator};
use tower::ServiceExt as _;

use self::visits::{Reply, Visit};

const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const TOKEN: &str = "a long random token";

/// The chapters, each with its program.
const SHOWN: [(&str, &str); 8] = [
    (include_str!("../../docs/start_axum.md"), include_str!("../../examples/start_axum.rs")),
    (include_str!("../../docs/start_actix.md"), include_str!("../../examples/start_actix.rs")),
    (include_str!("../../docs/login_axum.md"), include_str!("../../examples/login_axum.rs")),
    (include_str!("../../docs/login_actix.md"), include_str!("../../examples/login_actix.rs")),
    (include_str!("../../docs/stores.md"), include_str!("own_store.rs")),
    (include_str!("../../docs/postgres.md"), include_str!("../../examples/postgres_axum.rs")),
    (include_str!("../../docs/migration.md"), include_str!("../../examples/copy_store.rs")),
    (include_str!("../../docs/lost.md"), include_str!("../../examples/lost.rs")),
];

fn without_indents(text: &str) -> String {
    text.lines().map(str::trim_start).collect::<Vec<_>>().join("\n")
}

#[test]
fn chapters_show_the_tested_programs() {
    for (chapter, program) in SHOWN {
        let title = chapter.lines().next().unwrap();
        assert!(without_indents(chapter).contains(&without_indents(program)), "{title} shows another program");
    }
    let (_, program) = SHOWN[0];
    assert!(
        !without_indents(SHOWN[1].0).contains(&without_indents(program)),
        "control: the program of another chapter"
    );
}

/// The chapters on logins, each with the login of the demo that the excerpts are from.
const EXCERPTS: [(&str, &str); 2] = [
    (include_str!("../../docs/login_axum.md"), include_str!("../../../../examples/axum/src/login.rs")),
    (include_str!("../../docs/login_actix.md"), include_str!("../../../../examples/actix/src/login.rs")),
];

/// The files of the demo for both frameworks.
const SHARED: [&str; 2] =
    [include_str!("../../../../examples/app/src/demo.rs"), include_str!("../../../../examples/app/src/bank.rs")];

/// Returns the excerpts that the application does not contain, and the number of all.
fn wrong_excerpts(chapter: &str, application: &str) -> (Vec<String>, usize) {
    let blocks = chapter.split("```rust,ignore\n").skip(1).filter_map(|rest| rest.split_once("```"));
    let excerpts: Vec<_> = blocks.map(|(block, _)| without_indents(block)).collect();
    let application = without_indents(&[&SHARED[..], &[application]].concat().concat());
    let wrong = excerpts.iter().filter(|excerpt| !application.contains(excerpt.as_str())).cloned();
    (wrong.collect(), excerpts.len())
}

#[test]
fn chapters_show_excerpts_of_tested_applications() {
    for (chapter, application) in EXCERPTS {
        assert_eq!(wrong_excerpts(chapter, application), (Vec::new(), 6));
    }
    let (wrong, _) = wrong_excerpts(EXCERPTS[0].0, EXCERPTS[1].1);
    assert!(!wrong.is_empty(), "control: the application of another chapter");
}

fn file() -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("challenges.db").to_str().unwrap().to_owned();
    (directory, file)
}

async fn on_axum(app: &axum::Router, visit: Visit<'_>) -> Reply {
    let mut request = axum::http::Request::builder().method(visit.method()).uri(visit.path);
    for (name, value) in visit.headers() {
        request = request.header(name, value);
    }
    let response =
        app.clone().oneshot(request.body(axum::body::Body::from(visit.body.to_owned())).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let cookie = parts.headers.get("set-cookie").map(|value| value.to_str().unwrap().to_owned());
    Reply { status: parts.status.as_u16(), cookie, body: String::from_utf8(body.to_vec()).unwrap() }
}

macro_rules! on_actix {
    ($service:expr) => {
        async |visit: Visit<'_>| {
            use actix_web::http::Method;
            use actix_web::test;

            let mut request = test::TestRequest::with_uri(visit.path);
            request = request.method(visit.method().parse::<Method>().unwrap()).set_payload(visit.body.to_owned());
            for header in visit.headers() {
                request = request.append_header(header);
            }
            let called = test::try_call_service($service, request.to_request()).await;
            let response = match called {
                Ok(response) => response,
                // The server turns the error of a middleware into a response.
                Err(error) => {
                    return Reply {
                        status: error.error_response().status().as_u16(),
                        cookie: None,
                        body: error.to_string(),
                    };
                }
            };
            let status = response.status().as_u16();
            let cookie = response.headers().get("set-cookie").map(|value| value.to_str().unwrap().to_owned());
            let body = test::read_body(response).await;
            Reply { status, cookie, body: String::from_utf8(body.to_vec()).unwrap() }
        }
    };
}

#[tokio::test]
async fn start_with_axum_passes_challenges() {
    let (_directory, file) = file();
    let app = start_axum::app(&file, KEYS, TOKEN).await.unwrap();
    visits::start(async |visit| on_axum(&app, visit).await).await;
}

#[actix_web::test]
async fn start_with_actix_passes_challenges() {
    let (_directory, file) = file();
    let api = start_actix::api(&file, KEYS, TOKEN).await.unwrap();
    let service = actix_web::test::init_service(App::new().service(challenges::actix::service(api))).await;
    visits::start(on_actix!(&service)).await;
}

#[tokio::test]
async fn login_with_axum_requires_step_up() {
    let (_directory, file) = file();
    let app = login_axum::app(&file, KEYS).await.unwrap();
    visits::login(async |visit| on_axum(&app, visit).await).await;
}

#[actix_web::test]
async fn login_with_actix_requires_step_up() {
    let (_directory, file) = file();
    let mfa = login_actix::mfa(&file, KEYS).await.unwrap();
    let app = App::new().wrap(from_fn(login_actix::login)).configure(|app| login_actix::routes(app, &mfa));
    let service = actix_web::test::init_service(app).await;
    visits::login(on_actix!(&service)).await;
}

async fn service() -> Challenges {
    Challenges::builder(MemoryStore::new(), KEYS.parse().unwrap()).build().await.unwrap()
}

/// Returns whether the next code of an app passes a challenge of the user.
async fn passes(challenges: &Challenges, user: &Owner, app: &Authenticator) -> bool {
    let spec = ChallengeSpec::new(ChallengeType::Totp).unwrap();
    let challenge = challenges.create(user.clone(), spec).await.unwrap().challenge;
    let code = app.code(challenges.now().after(std::time::Duration::from_secs(30)));
    challenges.answer(Answer::allow(challenge.id(), ChallengeType::Totp, code)).await.is_ok()
}

#[tokio::test]
async fn both_users_of_lost_phones_return() {
    let challenges = service().await;
    lost::run(&challenges).await.unwrap();
    for user in ["alice", "bob"] {
        let status = challenges.account(&Owner::user(user).unwrap()).status().await.unwrap();
        assert_eq!((status.totp.len(), status.has_factor(), status.recovery_codes), (1, true, 10), "{user}");
    }
}

/// R67, R68: a code replaces the lost app; the lost app and the earlier codes answer nothing any more.
#[tokio::test]
async fn recovery_code_replaces_lost_app() {
    let (challenges, alice) = (service().await, Owner::user("alice").unwrap());
    let first = Grant::first_factor();
    let (lost_app, printed) = lost::enroll(&challenges, &alice, &first).await.unwrap();
    assert!(lost::recover(&challenges, &alice, "ZZZZ-ZZZZ-0000").await.is_err());
    let (app, anew) = lost::recover(&challenges, &alice, printed[3].expose()).await.unwrap();
    assert!(!passes(&challenges, &alice, &lost_app).await);
    assert!(passes(&challenges, &alice, &app).await);
    for code in &printed[2..4] {
        assert!(lost::recover(&challenges, &alice, code.expose()).await.is_err());
    }
    assert!(lost::recover(&challenges, &alice, anew[0].expose()).await.is_ok(), "control: a new code");
}

/// R67: without a code, only support helps. A reset leaves nothing that answers.
#[tokio::test]
async fn support_resets_user_without_codes() {
    let (challenges, bob) = (service().await, Owner::user("bob").unwrap());
    let first = Grant::first_factor();
    let (lost_app, printed) = lost::enroll(&challenges, &bob, &first).await.unwrap();
    assert!(lost::enroll(&challenges, &bob, &first).await.is_err(), "the session alone");
    lost::reset(&challenges, &bob, "eve", "case 4711").await.unwrap();
    assert!(!passes(&challenges, &bob, &lost_app).await);
    assert!(lost::recover(&challenges, &bob, printed[0].expose()).await.is_err());
    let (app, _) = lost::enroll(&challenges, &bob, &first).await.unwrap();
    assert!(passes(&challenges, &bob, &app).await);

    // The other way of the chapter: codes from support, and no moment without a factor.
    let handed = challenges.recovery_codes().generate(&bob, &administrator()).await.unwrap();
    assert!(lost::recover(&challenges, &bob, handed[0].expose()).await.is_ok());
}

/// R73: the order and the approval are committed together, or not at all.
#[tokio::test]
async fn order_is_paid_with_its_approval() {
    let server = challenges_proofs::postgres::PostgresServer::start(&[]).unwrap();
    pay(&server, postgres_axum::app(&server.url(), KEYS).await.unwrap()).await;
    server.query("DELETE FROM orders").unwrap();
    pay(&server, postgres_tokio::app(&server.url(), KEYS).await.unwrap()).await;
}

async fn pay(server: &challenges_proofs::postgres::PostgresServer, app: axum::Router) {
    let call = async |path: &str, body: &str| {
        let request = axum::http::Request::post(path).body(axum::body::Body::from(body.to_owned())).unwrap();
        let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
        (parts.status.as_u16(), axum::body::to_bytes(body, 1 << 20).await.unwrap())
    };
    let paid = || server.query("SELECT count(*) FROM orders WHERE paid_by = 'boss'").unwrap();
    let (status, body) = call("/orders", "a boat").await;
    assert_eq!(status, 200);
    let order: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let (approve, secret) = (format!("/orders/{}/approve", order["order"].as_str().unwrap()), &order["secrets"][0]);
    let secret = secret.as_str().unwrap();

    assert_eq!(call(&approve, "wrong").await.0, 403);
    assert_eq!(paid(), "0");
    // The order cannot be paid, so the approval is not used up.
    server.query("UPDATE orders SET paid_by = 'somebody'").unwrap();
    assert_eq!(call(&approve, secret).await.0, 409);
    server.query("UPDATE orders SET paid_by = NULL").unwrap();
    assert_eq!(call(&approve, secret).await.0, 200);
    assert_eq!(paid(), "1");
    assert_eq!(call(&approve, secret).await.0, 403);
}

mod own_store_conforms {
    use challenges_testkit::conformance::Suite;

    use super::own_store::OwnStore;

    challenges_testkit::conformance_tests! {
        #[tokio::test(flavor = "multi_thread")]
        Suite::new(|| async { OwnStore::default() })
            .spawner(|task| Box::pin(async { tokio::spawn(task).await.unwrap() }))
    }
}
