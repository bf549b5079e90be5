use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Request;
use http_body::Frame;
use http_body_util::{Full, Limited};
use serde_json::{Value, json};

use challenges_testkit::webauthn::SecurityKey;

use crate::host::{ACME, ALICE, Host, NOBODY, WEBAUTHN, action_of};

const SMALL: usize = 64 * 1024;
const LARGE: usize = 4 * 1024 * 1024;

/// An endless body without `Content-Length`. Counts the bytes read.
#[derive(Clone, Default)]
struct Endless(Arc<AtomicUsize>);

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.fetch_add(1_000, Ordering::SeqCst);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b' '; 1_000])))))
    }
}

/// A body with a connection error.
struct Cut;

impl http_body::Body for Cut {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into())))
    }
}

fn request<B>(path: &str, token: &str, body: B) -> Request<B> {
    Request::post(path).header("authorization", format!("Bearer {token}")).body(body).unwrap()
}

#[tokio::test]
async fn bodies_are_read_up_to_the_limit() {
    let host = Host::new().await;
    let (challenge, _) = host.code_challenge().await;
    let rows = [
        ("/v1/challenges".to_owned(), SMALL),
        ("/v1/challenges/one_time_use_actions".to_owned(), LARGE),
        (format!("/v1/challenges/{challenge}/answers"), SMALL),
        ("/v1/challenge_enrollment/totp".to_owned(), SMALL),
        (format!("/v1/challenge_enrollment/totp/{challenge}"), SMALL),
        ("/v1/challenge_enrollment/webauthn".to_owned(), SMALL),
    ];
    for (path, limit) in rows {
        let endless = Endless::default();
        let reply = host.request(request(&path, ACME, endless.clone())).await;
        assert_eq!(reply.status, 413, "{path}");
        assert_eq!(reply.error_code(), "body_too_large");
        assert!(endless.0.load(Ordering::SeqCst) <= limit + 1_000, "{path}");
        let announced = Full::new(Bytes::from(vec![b' '; limit + 1]));
        assert_eq!(host.request(request(&path, ACME, announced)).await.status, 413, "{path}");
        let fits = Full::new(Bytes::from(vec![b' '; limit]));
        assert_eq!(host.request(request(&path, ACME, fits)).await.status, 400, "{path}");
    }
}

#[tokio::test]
async fn unauthorized_bodies_are_not_read() {
    let host = Host::new().await;
    let rows =
        [("/v1/challenges", "wrong", 401), ("/v1/nowhere", ACME, 404), ("/v1/challenge_enrollment/totp", "", 401)];
    for (path, token, status) in rows {
        let endless = Endless::default();
        assert_eq!(host.request(request(path, token, endless.clone())).await.status, status, "{path}");
        assert_eq!(endless.0.load(Ordering::SeqCst), 0, "{path}");
    }
}

#[tokio::test]
async fn truncated_body_is_bad_request() {
    let host = Host::new().await;
    assert_eq!(host.request(request("/v1/challenges", ACME, Cut)).await.error_code(), "body_cut");
}

/// A limit of the host may be lower than the limit of the API.
#[tokio::test]
async fn outer_body_limit_gives_413() {
    let host = Host::new().await;
    let (challenge, _) = host.code_challenge().await;
    let rows = [("/v1/challenges".to_owned(), ACME), (format!("/v1/challenges/{challenge}/answers"), NOBODY)];
    for (path, token) in rows {
        // Without an announced length, as in chunked encoding.
        let reply = host.request(request(&path, token, Limited::new(Endless::default(), 5_000))).await;
        assert_eq!((reply.status, reply.error_code().as_str()), (413, "body_too_large"), "{path}");
        let reply = host.request(request(&path, token, Cut)).await;
        assert_eq!((reply.status, reply.error_code().as_str()), (400, "body_cut"), "control: {path}");
    }
}

/// R46: forms send null or an empty string for an empty field.
#[tokio::test]
async fn null_and_empty_members_count_as_absent() {
    let host = Host::new().await;
    for absent in [Value::Null, json!("")] {
        let mut challenge = json!({ "user_id": "alice", "challenge_types": ["code"] });
        for name in ["challenge_type", "send_now", "timeout_seconds", "response_uri", "origin"] {
            challenge[name] = absent.clone();
        }
        for name in ["challenge_endpoints", "answer_data", "number_match"] {
            challenge[name] = absent.clone();
        }
        let created = host.post("/v1/challenges", ACME, json!({ "spec": challenge })).await;
        assert_eq!(created.status, 201, "{created:?}");
        let created = created.json();
        let shown =
            json!({ "user_id": "alice", "challenge_types": ["code"], "send_now": false, "timeout_seconds": 600 });
        assert_eq!(created["spec"], shown);
        let path = format!("/v1/challenges/{}", crate::host::id(&created));
        challenge["user_id"] = absent.clone();
        challenge["send_now"] = json!(true);
        let replaced = host.send("PUT", &path, NOBODY, json!({ "spec": challenge })).await;
        assert_eq!((replaced.status, &replaced.json()["status"]["state"]), (200, &json!("issued")), "{absent}");

        let endpoints = json!([{ "endpoint": absent, "type": "code" }]);
        let spec = json!({ "user_id": "alice", "challenge_type": "code", "challenge_endpoints": endpoints });
        assert_eq!(host.post("/v1/challenges", ACME, json!({ "spec": spec })).await.status, 201);

        let mut action = action_of(&["alice"]);
        (action["spec"]["user_id"], action["spec"]["org_id"]) = (absent.clone(), absent.clone());
        for name in ["body", "content_type", "scopes"] {
            action["spec"]["approved_actions"][0][name] = absent.clone();
        }
        let created = host.post("/v1/challenges/one_time_use_actions", ACME, action).await;
        assert_eq!(created.status, 201, "{created:?}");

        let (id, code) = host.code_challenge().await;
        let answer = json!({ "challenge_answer": code, "allowed": true, "challenge_type": "code",
            "challenge_uid": absent, "number_match": absent });
        assert_eq!(host.post(&format!("/v1/challenges/{id}/answers"), NOBODY, answer).await.status, 200);

        let spec = json!({ "spec": { "user_id": absent } });
        let host = Host::new().await;
        let own = host.post("/v1/challenge_enrollment/totp", ALICE, spec.clone()).await;
        assert_eq!((own.status, &own.json()["spec"]["user_id"]), (201, &json!("alice")));
        assert_eq!(host.post("/v1/challenge_enrollment/totp", ACME, spec).await.error_code(), "user_unnamed");
        let path = format!("/v1/challenge_enrollment/totp/{}", crate::host::id(&own.json()));
        let key = crate::host::text(&own.json()["status"]["key"]);
        let confirmed = host.post(&path, ALICE, json!({ "answer": host.totp(&key), "user_id": absent })).await;
        assert_eq!(confirmed.status, 200, "{confirmed:?}");
    }
    let (id, code) = host.code_challenge().await;
    let query = format!("challenge_answer={code}&allowed=true&challenge_type=code&number_match=");
    assert_eq!(host.answer(&id, &query).await.status, 200);
}

/// R46: a backend that lost the id of the signed-in user does not reach the enrollments of every user.
#[tokio::test]
async fn empty_user_of_an_enrollment_is_refused() {
    let host = Host::new().await;
    let key = json!({ "user_id": "alice", "relying_party_id": "acme.example" });
    for (collection, spec) in [("/v1/challenge_enrollment/totp", json!({ "user_id": "alice" })), (WEBAUTHN, key)] {
        let created = host.post(collection, ACME, json!({ "spec": spec })).await.json();
        let path = format!("{collection}/{}", crate::host::id(&created));
        for method in ["GET", "DELETE"] {
            let refused = host.send(method, &format!("{path}?user_id="), ACME, Value::Null).await;
            assert_eq!(refused.status, 404, "{refused:?}");
        }
        assert_eq!(host.send("DELETE", &path, ACME, Value::Null).await.status, 204, "control");
    }
}

#[tokio::test]
async fn null_and_empty_credential_members_count_as_absent() {
    let host = Host::new().await;
    for (seed, absent) in [(1, Value::Null), (2, json!(""))] {
        let mut spec = json!({ "user_id": "alice", "relying_party_id": "acme.example" });
        for name in ["attestation_format", "attestation_conveyance", "user_verification", "http_endpoint"] {
            spec[name] = absent.clone();
        }
        let pending = host.post(WEBAUTHN, ACME, json!({ "spec": spec })).await;
        assert_eq!(pending.status, 201, "{pending:?}");
        let pending = pending.json();
        assert_eq!(pending["spec"].as_object().unwrap().len(), 3, "{pending}");
        let mut made = host.made(&pending, &mut SecurityKey::new(seed));
        for name in ["signature", "transports", "user_handle", "user_id"] {
            made[name] = absent.clone();
        }
        let done = host.post(&format!("{WEBAUTHN}/{}", crate::host::id(&pending)), ACME, made).await;
        assert_eq!(done.status, 200, "{done:?}");
        assert!(done.json()["status"]["transports"] == json!([]) || done.json()["status"].get("transports").is_none());
    }
}

#[tokio::test]
async fn largest_action_is_accepted() {
    let host = Host::new().await;
    let mut body = action_of(&["alice"]);
    let action = json!({ "challenge_action_type": "http_action", "method": "POST", "uri": "https://doors.example/",
        "body": "x".repeat(250_000), "content_type": "text/plain" });
    body["spec"]["approved_actions"] = json!(vec![action; 16]);
    assert_eq!(host.post("/v1/challenges/one_time_use_actions", ACME, body).await.status, 201);
}

#[tokio::test]
async fn body_errors_name_the_property() {
    let host = Host::new().await;
    let spec = |name: &str, value: Value| {
        let mut spec = json!({ "user_id": "alice", "challenge_type": "code" });
        spec[name] = value;
        json!({ "spec": spec })
    };
    let seconds = "spec.timeout_seconds: expected an integer from 1 to 86400";
    let rows = [
        (json!({}), "the body: missing field `spec`"),
        (json!([{}]), "the body is not a JSON object"),
        (json!("x"), "the body: expected an object"),
        (spec("user_id", json!(1)), "spec.user_id: expected a string"),
        (spec("timeout_seconds", json!(0)), seconds),
        (spec("timeout_seconds", json!(-1)), seconds),
        (spec("timeout_seconds", json!(86_401)), seconds),
        (spec("timeout_seconds", json!(u64::MAX)), seconds),
        (spec("timeout_seconds", json!(1e300)), seconds),
        (spec("timeout_seconds", json!(1.5)), seconds),
        (spec("timeout_seconds", json!("60")), seconds),
        (spec("send_now", json!("true")), "spec.send_now: expected a boolean"),
        (spec("challenge_types", json!("code")), "spec.challenge_types: expected an array"),
        (spec("challenge_types", json!([1])), "spec.challenge_types[0]: expected a string"),
        (spec("answer_data", json!([1])), "answer_data must be a JSON object"),
        (spec("challenge_endpoints", json!([7])), "spec.challenge_endpoints[0]: expected an object"),
    ];
    for (body, message) in rows {
        let reply = host.post("/v1/challenges", ACME, body.clone()).await;
        assert_eq!(reply.status, 400, "{body}");
        assert_eq!(reply.json()["error_message"], message, "{body}");
    }
    let codes = [
        (spec("challenge_type", Value::Null), "no_challenge_type"),
        (spec("challenge_type", json!("one_time_use_action")), "one_time_use_action_type"),
        (spec("challenge_type", json!("pigeon")), "unknown_challenge_type"),
        (spec("challenge_types", json!(["code", "Code"])), "unknown_challenge_type"),
        (spec("challenge_type", json!("webauthn")), "webauthn_endpoint_required"),
        (spec("challenge_types", json!(["code", "one_time_use_action"])), "one_time_use_action_type"),
        (spec("challenge_endpoints", json!([{}])), "empty_endpoint"),
        (spec("challenge_endpoints", json!([{ "endpoint": "no id", "type": "totp" }])), "unknown_endpoint"),
        (spec("challenge_endpoints", json!([{ "endpoint": "" }])), "empty_endpoint"),
        (spec("challenge_endpoints", json!([{ "type": "pigeon" }])), "unknown_challenge_type"),
        (spec("challenge_endpoints", json!(vec![json!({ "type": "code" }); 17])), "too_many"),
        (spec("response_uri", json!("https://evil.example/")), "response_origin_not_allowed"),
        (spec("response_uri", json!("javascript:alert(1)")), "malformed_response_uri"),
        (spec("response_uri", json!("//pages.example")), "malformed_response_uri"),
        (spec("response_uri", json!("https://pages.example@evil.example")), "malformed_response_uri"),
        (spec("origin", json!("https://a.example/")), "malformed_origin"),
        (spec("answer_data", json!({ "a": "x".repeat(16 * 1024) })), "answer_data_too_large"),
    ];
    for (body, code) in codes {
        let reply = host.post("/v1/challenges", ACME, body.clone()).await;
        assert_eq!((reply.status, reply.error_code().as_str()), (400, code), "{body:.200}");
    }
}

#[tokio::test]
async fn malformed_json_is_bad_request() {
    let host = Host::new().await;
    let (challenge, _) = host.code_challenge().await;
    let deep = format!("{{\"x\": {}", "[".repeat(50_000));
    let texts = ["", "{", "{\"spec\"", "nul", "{} {}", "\u{feff}{}", deep.as_str(), "{\"spec\": \"\\ud800\"}"];
    for text in texts {
        for (method, path, token) in [
            ("POST", "/v1/challenges".to_owned(), ACME),
            ("POST", format!("/v1/challenges/{challenge}/answers"), NOBODY),
            ("PUT", format!("/v1/challenges/{challenge}"), NOBODY),
            ("POST", "/v1/challenges/one_time_use_actions".to_owned(), ACME),
        ] {
            let request =
                Request::builder().method(method).uri(&path).header("authorization", format!("Bearer {token}"));
            let reply = host.request(request.body(Full::new(Bytes::from(text.to_owned()))).unwrap()).await;
            assert_eq!(reply.status, 400, "{path} {text:.20}");
            assert!(["not_json", "malformed_property"].contains(&reply.error_code().as_str()), "{path} {text:.20}");
        }
    }
    assert_eq!(host.state(&challenge).await, "issued");
}

/// R58: deeply nested JSON is refused.
#[tokio::test]
async fn json_nesting_depth_is_bounded() {
    let host = Host::new().await;
    let of_depth = |depth: usize| {
        let data = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let spec = r#""user_id":"alice","challenge_type":"code","answer_data":"#;
        format!(r#"{{"spec":{{{spec}{{"a":{data}}}}}}}"#)
    };
    // The rows with 201 are the control.
    for (depth, status) in [(50, 201), (99, 201), (100, 400), (200, 400), (30_000, 400)] {
        let body = of_depth(depth);
        assert!(body.len() < SMALL, "refused for the depth, not the size");
        let reply = host.request(request("/v1/challenges", ACME, Full::new(Bytes::from(body)))).await;
        assert_eq!(reply.status, status, "{depth} deep");
    }
    let elsewhere = format!(r#"{{"spec":{{"user_id":"alice","challenge_type":{}}}}}"#, "[".repeat(30_000));
    let reply = host.request(request("/v1/challenges", ACME, Full::new(Bytes::from(elsewhere)))).await;
    assert_eq!(reply.status, 400);
}
