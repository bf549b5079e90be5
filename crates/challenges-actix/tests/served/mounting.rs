use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::BoxBody;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::Bytes;
use actix_web::{App, HttpServer, web};
use challenges_actix::service;
use challenges_http::{Principal, StaticToken};
use futures_core::Stream;
use serde_json::Value;

use crate::server::{CREATE, Server, api, challenges, request};

/// Starts a server with two workers and the API at each of [`PREFIXES`].
async fn mounted() -> Server {
    let api = api(challenges().await, StaticToken::new("token", Principal::any_user()));
    let app = move || {
        let tenants = web::scope("/{tenant}/a b").service(web::scope("/c").service(service(api.clone())));
        App::new()
            .service(service(api.clone()))
            .service(web::scope("/mfa").service(service(api.clone())))
            .service(tenants)
            .route("/", web::get().to(async || "home"))
    };
    Server::start(|listener| HttpServer::new(app).workers(2).listen(listener).unwrap().run())
}

const PREFIXES: [&str; 3] = ["", "/mfa", "/%2Facme%2F%FF/a%20b/c"];

#[tokio::test]
async fn api_works_with_and_without_a_prefix() {
    let server = mounted().await;
    for prefix in PREFIXES {
        let ask = async |method: &str, path: &str, body: &str| {
            server.ask(request(method, &format!("{prefix}{path}"), body)).await
        };
        let created = ask("POST", "/v1/challenges", CREATE).await;
        assert_eq!(created.status, 201, "{prefix}");
        let created = created.json();
        let challenge = format!("/v1/challenges/{}", created["metadata"]["id"].as_str().unwrap());
        let code = created["status"]["code"].as_str().unwrap();
        let answers = format!("{challenge}/answers?challenge_answer={code}&challenge_type=code&allowed=true");
        let head = ask("HEAD", &answers, "").await;
        assert_eq!((head.status, head.header("allow"), head.body.len()), (405, Some("GET, POST"), 0));
        assert_eq!(ask("GET", &challenge, "").await.json()["status"]["state"], "issued");
        assert_eq!(ask("GET", &answers, "").await.status, 200);
        let deleted = ask("DELETE", &challenge, "").await;
        assert_eq!((deleted.status, deleted.header("content-length")), (204, None));
        assert_eq!(ask("GET", "/v1/challenge_enrollment/totp?user_id=alice", "").await.status, 200);
        let devices = "/v1/challenge_enrollment/trusted_devices";
        let list = ask("GET", &format!("{devices}?user_id=alice"), "").await.json();
        assert_eq!(list["trusted_devices"], serde_json::json!([]));
        assert_eq!(ask("DELETE", &format!("{devices}?user_id=alice"), "").await.status, 204);
        let unknown = created["metadata"]["id"].as_str().unwrap();
        assert_eq!(ask("DELETE", &format!("{devices}/{unknown}?user_id=alice"), "").await.status, 404);
        assert_eq!(ask("BREW", "/v1/challenges", "").await.status, 405);
        for path in [
            "/v1/challenges/",
            "/v1/challenge_enrollment",
            "/v1/challenge_enrollment/",
            "/v1/challenges/a/b",
            "/v1/challenges//",
            "/v1/challenges/%0A/b",
        ] {
            let reply = ask("GET", path, "").await;
            assert_eq!((reply.status, &reply.json()["error_code"]), (404, &Value::from("no_route")), "{path}");
        }
    }
    assert_eq!(server.ask(request("GET", "/", "")).await.body, b"home");
    for path in [
        "/v1/challenges2",
        "/v1/challenge",
        "/v1/other",
        "/other/v1/challenges",
        "/v1/%63hallenges",
        "/%761/challenges",
    ] {
        let reply = server.ask(request("GET", path, "")).await;
        assert_eq!((reply.status, reply.body.len()), (404, 0), "{path} belongs to the host");
    }
}

/// The router decodes the matched path, but the API must see the encoded path.
#[tokio::test]
async fn paths_and_queries_arrive_unchanged() {
    let server = mounted().await;
    for (count, prefix) in (1..).zip(PREFIXES) {
        let path = format!("{prefix}/v1/challenges");
        let created = server.ask(request("POST", &path, CREATE)).await.json();
        let id = created["metadata"]["id"].as_str().unwrap();
        let encoded: String = id.bytes().map(|byte| format!("%{byte:02x}")).collect();
        assert_eq!(server.ask(request("GET", &format!("{path}/{encoded}"), "")).await.status, 200);
        for no_id in [format!("{id}%2Fanswers"), format!("{id}%3F"), format!("{id}%2500"), "%FF".to_owned()] {
            let reply = server.ask(request("GET", &format!("{path}/{no_id}"), "")).await;
            assert_eq!((reply.status, &reply.json()["error_code"]), (404, &Value::from("not_found")), "{no_id}");
        }
        let enrollments = format!("{prefix}/v1/challenge_enrollment/totp");
        let spec = r#"{"spec": {"user_id": "a/b% ?&cé "}}"#;
        assert_eq!(server.ask(request("POST", &enrollments, spec)).await.status, 201);
        let list = format!("{enrollments}?user_id=a%2Fb%25%20%3F%26c%C3%A9+");
        let listed = server.ask(request("GET", &list, "")).await.json();
        assert_eq!(listed["totp"].as_array().unwrap().len(), count);
    }
}

#[tokio::test]
async fn headers_arrive_unchanged() {
    let server = mounted().await;
    let status = async |headers: &[u8]| {
        let start = b"GET /v1/challenge_enrollment/totp?user_id=alice HTTP/1.1\r\nhost: api.example\r\n";
        server.ask([start.as_slice(), headers, b"\r\n"].concat()).await.status
    };
    assert_eq!(status(b"authorization: Bearer token\r\nx-name: Zo\xeb\r\n").await, 200);
    assert_eq!(status(b"authorization: Bearer token\xeb\r\n").await, 401);
    let twice = b"authorization: Bearer token\r\nauthorization: Bearer token\r\n";
    assert_eq!(status(twice).await, 401, "both headers arrive, and the API refuses two");
}

#[tokio::test]
async fn bodies_may_reach_the_api_limit() {
    let server = mounted().await;
    let action = format!(
        r#"{{"challenge_action_type": "http_action", "method": "POST", "uri": "https://doors.example", "body": "{}"}}"#,
        "x".repeat(240_000)
    );
    let actions = vec![action; 16].join(",");
    let body = format!(
        r#"{{"spec": {{"approved_actions": [{actions}], "declined_actions": [], "timeout_seconds": 60, "actors": [{{"user_id": "a", "org_id": "b"}}]}}}}"#
    );
    let path = "/v1/challenges/one_time_use_actions";
    assert_eq!(server.ask(request("POST", path, &body)).await.status, 201);
    let larger = format!("{body}{}", " ".repeat(4 << 20));
    assert_eq!(server.ask(request("POST", path, &larger)).await.status, 413);
}

#[tokio::test]
async fn oversized_body_is_refused_before_its_end() {
    let server = mounted().await;
    let piece = " ".repeat(65_537);
    let announced = format!("content-length: 1000000000\r\n\r\n{piece}");
    let chunked = format!("transfer-encoding: chunked\r\n\r\n{:x}\r\n{piece}\r\n", piece.len());
    for rest in [announced, chunked] {
        let mut connection = server.connect().await;
        let start = "POST /v1/challenges HTTP/1.1\r\nhost: api.example\r\nauthorization: Bearer token\r\n";
        connection.send(format!("{start}{rest}")).await;
        let reply = connection.reply().await;
        assert_eq!((reply.status, &reply.json()["error_code"]), (413, &Value::from("body_too_large")));
    }
}

/// A body that fails with the error.
struct Failing(Option<PayloadError>);

impl Stream for Failing {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(Err))
    }
}

/// A middleware of the host may limit bodies below the limit of the API.
#[tokio::test]
async fn outer_body_limit_gives_413() {
    let api = api(challenges().await, StaticToken::new("token", Principal::any_user()));
    let app = move || {
        let limited = from_fn(async |mut request: ServiceRequest, next: Next<BoxBody>| {
            let error = match request.headers().contains_key("x-cut") {
                true => PayloadError::EncodingCorrupted,
                false => PayloadError::Overflow,
            };
            request.set_payload(Payload::Stream { payload: Box::pin(Failing(Some(error))) });
            next.call(request).await
        });
        App::new().service(web::scope("").wrap(limited).service(service(api.clone())))
    };
    let server = Server::start(|listener| HttpServer::new(app).workers(1).listen(listener).unwrap().run());
    let reply = server.ask(request("POST", "/v1/challenges", CREATE)).await;
    assert_eq!((reply.status, &reply.json()["error_code"]), (413, &Value::from("body_too_large")));
    let start = b"POST /v1/challenges HTTP/1.1\r\nhost: a.example\r\nauthorization: Bearer token\r\nx-cut: 1\r\ncontent-length: 0\r\n\r\n";
    let reply = server.ask(start.to_vec()).await;
    assert_eq!((reply.status, &reply.json()["error_code"]), (400, &Value::from("body_cut")), "control");
}
