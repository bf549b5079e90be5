use bytes::Bytes;
use http::{Method, Request, Uri};
use http_body_util::Full;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use crate::host::{ACME, Host};

const UNKNOWN: &str = "0000000000000000000000000000000000000000";

/// R58: every input gives a JSON response or 204, without a panic.
#[test]
fn every_input_gives_a_json_response() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let host = runtime.block_on(Host::new());
    let mut reached = std::collections::BTreeSet::new();
    let mut runner = TestRunner::new(Config { cases: 2_000, failure_persistence: None, ..Config::default() });
    let requests = prop_oneof![9 => (method(), path(), query(), body()), 1 => good()];
    let reached_by_runner = std::cell::RefCell::new(&mut reached);
    runner
        .run(&requests, |(method, path, query, body)| {
            let text = if query.is_empty() { path } else { format!("{path}?{query}") };
            let Ok(uri) = Uri::try_from(text.as_str()) else { return Ok(()) };
            let request = Request::builder().method(method).uri(uri).header("authorization", format!("Bearer {ACME}"));
            let reply = runtime.block_on(host.request(request.body(Full::new(Bytes::from(body))).unwrap()));
            if reply.status == 204 {
                prop_assert!(reply.body.is_empty());
            } else {
                let json: Result<Value, _> = serde_json::from_slice(&reply.body);
                prop_assert!(json.is_ok_and(|json| json.is_object()), "{reply:?}");
                prop_assert_eq!(reply.header("content-type"), Some("application/json"));
            }
            prop_assert!(reply.status < 500, "{:?}", reply);
            prop_assert_eq!(reply.header("cache-control"), Some("no-store"));
            reached_by_runner.borrow_mut().insert(reply.status);
            Ok(())
        })
        .unwrap();
    // Control: the generated requests reach the operations.
    for status in [200, 201, 400, 404, 405] {
        assert!(reached.contains(&status), "{reached:?}");
    }
}

/// Requests that the API accepts. Of the random ones, about 8 in 2,000 create a challenge, so some runs would have none.
fn good() -> impl Strategy<Value = (Method, String, String, Vec<u8>)> {
    let body = serde_json::json!({ "spec": { "user_id": "alice", "challenge_type": "code" } }).to_string();
    let list = (Method::GET, "/v1/challenge_enrollment/totp", "user_id=alice", String::new());
    prop::sample::select(vec![list, (Method::POST, "/v1/challenges", "", body)])
        .prop_map(|(method, path, query, body)| (method, path.to_owned(), query.to_owned(), body.into_bytes()))
}

fn method() -> impl Strategy<Value = Method> {
    let known = prop::sample::select(vec!["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"]);
    prop_oneof![9 => known.prop_map(str::to_owned), 1 => "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,9}"]
        .prop_map(|method| Method::from_bytes(method.as_bytes()).unwrap())
}

fn path() -> impl Strategy<Value = String> {
    let id = prop_oneof![Just(UNKNOWN.to_owned()), "[0-9A-Za-z]{40}", "[^/?#]{0,60}", "(%[0-9a-fA-F]{2}){1,50}"];
    let template = prop::sample::select(vec![
        "/v1/challenges",
        "/v1/challenges/one_time_use_actions",
        "/v1/challenges/ID",
        "/v1/challenges/ID/answers",
        "/v1/challenge_enrollment/totp",
        "/v1/challenge_enrollment/totp/ID",
        "/v1/challenge_enrollment/webauthn",
        "/v1/challenge_enrollment/webauthn/ID",
    ]);
    let known = (template, id).prop_map(|(template, id)| template.replace("ID", &id));
    prop_oneof![8 => known, 1 => "/\\PC{0,80}", 1 => "(/[a-z0-9_%.]{0,12}){0,6}"]
}

fn query() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "challenge_answer",
        "allowed",
        "challenge_type",
        "challenge_uid",
        "limit",
        "user_id",
    ]);
    let value = prop_oneof![
        Just("true".to_owned()),
        Just("code".to_owned()),
        Just("7".to_owned()),
        "[a-z0-9+%&=]{0,20}",
        "(%[0-9a-f]{2}){0,9}",
    ];
    let pairs = prop::collection::vec((name, value).prop_map(|(name, value)| format!("{name}={value}")), 0..6);
    prop_oneof![6 => pairs.prop_map(|pairs| pairs.join("&")), 1 => "\\PC{0,60}"]
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(vec![
        "spec",
        "user_id",
        "challenge_type",
        "challenge_types",
        "code",
        "send_now",
        "timeout_seconds",
        "answer",
        "actors",
        "relying_party_id",
        "answer_data",
        "alice",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    let tree = leaf.prop_recursive(5, 40, 6, move |inner| {
        let object = prop::collection::vec((word.clone(), inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..5).prop_map(Value::from),
            object.prop_map(|pairs| pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    });
    let good = Just(serde_json::json!({ "spec": { "user_id": "alice", "challenge_type": "code" } }));
    prop_oneof![
        4 => tree.prop_map(|tree| tree.to_string().into_bytes()),
        2 => good.prop_map(|good| good.to_string().into_bytes()),
        2 => prop::collection::vec(any::<u8>(), 0..200),
    ]
}
