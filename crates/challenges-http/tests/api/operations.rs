use challenges_testkit::webauthn::SecurityKey;
use serde_json::{Value, json};

use crate::host::{ACME, ALICE, Host, NOBODY, action_of, id, link, text};

const UNKNOWN: &str = "0000000000000000000000000000000000000000";

/// Every operation with every documented status, except statuses with a complex setup.
#[tokio::test]
async fn operations_give_documented_statuses() {
    let host = Host::new().await;
    let (challenge, code) = host.code_challenge().await;
    let (doomed, _) = host.code_challenge().await;
    let (totp, key) = host.pending_enrollment("alice").await;
    let credential = host.pending_credential("alice").await;
    let made = host.made(&credential, &mut SecurityKey::new(1));
    let credential = id(&credential);
    let code_spec = json!({ "spec": { "user_id": "alice", "challenge_type": "code" } });
    let webauthn = json!({ "spec": { "user_id": "alice", "relying_party_id": "acme.example" } });
    let (c, t, w) = ("/v1/challenges", "/v1/challenge_enrollment/totp", "/v1/challenge_enrollment/webauthn");
    let query = format!("challenge_answer={code}&allowed=True&challenge_type=code&challenge_uid=alice");
    let answer = json!({ "answer": host.totp(&key) });
    let null = Value::Null;
    let rows = [
        ("POST", c.to_owned(), ACME, code_spec.clone(), 201),
        ("POST", c.to_owned(), NOBODY, code_spec.clone(), 401),
        ("POST", c.to_owned(), "wrong", code_spec.clone(), 401),
        ("POST", c.to_owned(), "bob", code_spec.clone(), 403),
        ("POST", c.to_owned(), ACME, json!({ "spec": { "user_id": "alice" } }), 400),
        ("POST", format!("{c}/one_time_use_actions"), ACME, action_of(&["alice"]), 201),
        ("POST", format!("{c}/one_time_use_actions"), NOBODY, action_of(&["alice"]), 401),
        ("POST", format!("{c}/one_time_use_actions"), ACME, action_of(&[]), 400),
        ("GET", format!("{c}/{challenge}"), NOBODY, null.clone(), 200),
        ("GET", format!("{c}/{UNKNOWN}"), NOBODY, null.clone(), 404),
        ("GET", format!("{c}/no-id"), NOBODY, null.clone(), 404),
        ("PUT", format!("{c}/{challenge}"), NOBODY, code_spec.clone(), 200),
        ("PUT", format!("{c}/{UNKNOWN}"), NOBODY, code_spec.clone(), 404),
        ("PUT", format!("{c}/{challenge}"), NOBODY, json!({ "spec": { "user_id": "alice" } }), 400),
        ("DELETE", format!("{c}/{doomed}"), NOBODY, null.clone(), 204),
        ("DELETE", format!("{c}/{doomed}"), NOBODY, null.clone(), 404),
        ("GET", format!("{c}/{challenge}/answers?{query}x"), NOBODY, null.clone(), 400),
        ("GET", format!("{c}/{challenge}/answers?{query}"), NOBODY, null.clone(), 200),
        ("GET", format!("{c}/{UNKNOWN}/answers?{query}"), NOBODY, null.clone(), 404),
        ("POST", t.to_owned(), ACME, json!({ "spec": { "user_id": "carol" } }), 201),
        ("POST", t.to_owned(), ACME, json!({ "spec": {} }), 400),
        ("POST", t.to_owned(), NOBODY, json!({ "spec": { "user_id": "carol" } }), 401),
        ("GET", format!("{t}?user_id=alice"), ACME, null.clone(), 200),
        ("GET", format!("{t}?user_id=alice&limit=501"), ACME, null.clone(), 400),
        ("GET", t.to_owned(), NOBODY, null.clone(), 401),
        ("GET", format!("{t}/{totp}?user_id=alice"), ACME, null.clone(), 200),
        ("GET", format!("{t}/{totp}?user_id=bob"), ACME, null.clone(), 404),
        ("GET", format!("{t}/{totp}"), NOBODY, null.clone(), 401),
        ("POST", format!("{t}/{totp}"), ACME, json!({ "answer": "000" }), 400),
        ("POST", format!("{t}/{totp}"), ACME, answer.clone(), 200),
        ("POST", format!("{t}/{totp}"), ACME, answer.clone(), 400),
        ("POST", format!("{t}/{UNKNOWN}"), ACME, answer.clone(), 404),
        ("POST", format!("{t}/{totp}"), NOBODY, answer, 401),
        ("DELETE", format!("{t}/{totp}"), NOBODY, null.clone(), 401),
        ("DELETE", format!("{t}/{totp}"), ACME, null.clone(), 204),
        ("DELETE", format!("{t}/{totp}"), ACME, null.clone(), 404),
        ("POST", w.to_owned(), ACME, webauthn.clone(), 201),
        ("POST", w.to_owned(), ACME, json!({ "spec": { "user_id": "alice", "relying_party_id": "a b" } }), 400),
        ("POST", w.to_owned(), "bob", webauthn.clone(), 403),
        ("POST", w.to_owned(), NOBODY, webauthn, 401),
        ("GET", format!("{w}?user_id=alice"), ACME, null.clone(), 200),
        ("GET", format!("{w}?user_id=alice&limit=0"), ACME, null.clone(), 400),
        ("GET", w.to_owned(), NOBODY, null.clone(), 401),
        ("GET", format!("{w}/{UNKNOWN}"), ACME, null.clone(), 404),
        ("GET", format!("{w}/{UNKNOWN}"), NOBODY, null.clone(), 401),
        ("GET", format!("{w}/{credential}?user_id=alice"), ACME, null.clone(), 200),
        ("GET", format!("{w}/{credential}?user_id=bob"), ACME, null.clone(), 404),
        ("POST", format!("{w}/{credential}"), ACME, json!({ "credential_id": "YQ", "client_data": "e30" }), 400),
        ("POST", format!("{w}/{credential}"), ACME, made.clone(), 200),
        ("POST", format!("{w}/{credential}"), ACME, made.clone(), 400),
        ("POST", format!("{w}/{credential}"), NOBODY, made.clone(), 401),
        ("POST", format!("{w}/{UNKNOWN}"), ACME, made, 404),
        ("DELETE", format!("{w}/{credential}"), NOBODY, null.clone(), 401),
        ("DELETE", format!("{w}/{credential}"), ACME, null.clone(), 204),
        ("DELETE", format!("{w}/{UNKNOWN}"), ACME, null.clone(), 404),
        ("GET", "/v1/other".to_owned(), ACME, null.clone(), 404),
        ("PATCH", c.to_owned(), ACME, null, 405),
    ];
    for (method, path, token, body, status) in rows {
        let reply = host.send(method, &path, token, body).await;
        assert_eq!(reply.status, status, "{method} {path} as {token:?}: {reply:?}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("retry-after"), None);
        assert_eq!(reply.header("www-authenticate").is_some(), status == 401);
        assert_eq!(reply.header("allow").is_some(), status == 405);
        if status == 204 {
            assert!(reply.body.is_empty());
            continue;
        }
        assert_eq!(reply.header("content-type"), Some("application/json"));
        if status >= 400 {
            assert!(!text(&reply.json()["error_message"]).is_empty());
            assert!(
                reply
                    .error_code()
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
            );
        }
    }
}

#[tokio::test]
async fn challenge_reads_as_created() {
    let host = Host::new().await;
    let spec = json!({
        "challenge_type": "code",
        "challenge_types": ["sms", "code"],
        "timeout_seconds": 60,
        "response_uri": "https://pages.example/answer?x=1",
        "origin": "https://app.example",
        "unknown": [1, 2],
    });
    let created = host.challenge(spec).await;
    let read = host.get(&format!("/v1/challenges/{}", id(&created)), NOBODY).await.json();
    assert_eq!(
        read["spec"],
        json!({
            "user_id": "alice",
            "challenge_type": "code",
            "challenge_types": ["sms", "code"],
            "send_now": false,
            "timeout_seconds": 60,
            "response_uri": "https://pages.example/answer?x=1",
            "origin": "https://app.example",
        })
    );
    assert_eq!(read["status"], json!({ "state": "pending" }));
    assert_eq!(read["metadata"]["created"], "2023-11-14T22:13:20.000Z");
    assert!(created["status"]["code"].is_string(), "{created}");
}

#[tokio::test]
async fn null_counts_as_absent() {
    let host = Host::new().await;
    let spec = json!({
        "challenge_type": "code",
        "challenge_types": null,
        "send_now": null,
        "timeout_seconds": null,
        "response_uri": null,
        "origin": null,
        "challenge_endpoints": null,
        "answer_data": null,
    });
    let created = host.challenge(spec).await;
    assert_eq!(created["spec"]["timeout_seconds"], 600);
    assert!(!created.to_string().contains("null"), "{created}");
}

#[tokio::test]
async fn expiry_needs_no_sweeper() {
    let host = Host::new().await;
    let (challenge, _) = host.code_challenge().await;
    host.clock.advance(599);
    assert_eq!(host.state(&challenge).await, "issued");
    host.clock.advance(1);
    assert_eq!(host.state(&challenge).await, "timed_out");
}

#[tokio::test]
async fn each_actor_gets_links_to_an_action() {
    let host = Host::new().await;
    let mut body = action_of(&["alice", "b+ c"]);
    body["spec"]["approved_actions"][0]["challenge_action_type"] = json!("HTTPChallengeAction");
    body["spec"]["approved_actions"][0]["scopes"] = json!(["doors:open"]);
    let created = host.post("/v1/challenges/one_time_use_actions", ACME, body.clone()).await.json();
    assert_eq!(created["one_time_use_challenge"], body);
    assert_eq!(created["challenge"]["spec"]["user_id"], "alice");
    assert_eq!(created["challenge"]["spec"]["challenge_type"], "one_time_use_action");
    assert_eq!(created["challenge"]["status"], json!({ "state": "issued" }));
    let challenge = id(&created["challenge"]);
    let links: Vec<_> =
        (0..2).flat_map(|actor| ["approve_uri", "decline_uri"].map(|name| link(&created, actor, name))).collect();
    assert_eq!(links.iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
    assert!(links[2].starts_with(&format!("/v1/challenges/{challenge}/answers?challenge_answer=")), "{links:?}");
    assert!(links[2].ends_with("&challenge_uid=b%2B%20c&allowed=true&challenge_type=one_time_use_action"), "{links:?}");
    assert_eq!(host.get(&links[3], NOBODY).await.status, 200);
    assert_eq!(host.state(&challenge).await, "challenge_declined");
    assert_eq!(host.get(&links[0], NOBODY).await.status, 400);
}

#[tokio::test]
async fn completed_totp_enrollment_answers_a_challenge() {
    let host = Host::new().await;
    let (enrollment, key) = host.enrollment("alice").await;
    let listed = host.get("/v1/challenge_enrollment/totp?user_id=alice&limit=7", ACME).await.json();
    assert_eq!(listed["limit"], 7);
    assert_eq!(id(&listed["totp"][0]), enrollment);
    assert_eq!(listed["totp"][0]["status"], json!({ "state": "success" }));
    let own = host.get("/v1/challenge_enrollment/totp", ALICE).await.json();
    assert_eq!(own["totp"], listed["totp"]);
    assert_eq!(own["limit"], 500);

    let spec =
        json!({ "challenge_type": "totp", "send_now": true, "challenge_endpoints": [{ "endpoint": enrollment }] });
    let challenge = id(&host.challenge(spec).await);
    let query = format!("challenge_answer={}&allowed=true&challenge_type=totp", host.totp(&key));
    assert_eq!(host.answer(&challenge, &query).await.status, 200);
    assert_eq!(host.state(&challenge).await, "challenge_passed");
}
