use serde_json::{Value, json};

use crate::host::{ACME, ALICE, BROWSER, DOWN, Host, NOBODY, id, link, text};

async fn put(host: &Host, id: &str, body: Value) -> Value {
    put_as(host, NOBODY, id, body).await
}

async fn put_as(host: &Host, token: &str, id: &str, body: Value) -> Value {
    let reply = host.send("PUT", &format!("/v1/challenges/{id}"), token, body).await;
    assert_eq!(reply.status, 200, "{token}: {reply:?}");
    reply.json()
}

/// R38, R64: each field changes while the challenge is pending, page and types only with a creator's token, and is frozen
/// once the challenge is issued.
#[tokio::test]
async fn only_pending_challenges_can_be_replaced() {
    let host = Host::new().await;
    let (enrollment, _) = host.enrollment("alice").await;
    let changes = [
        ("timeout_seconds", json!(77)),
        ("response_uri", json!("https://pages.example/other")),
        ("origin", json!("https://other.example")),
        ("challenge_type", json!("sms")),
        ("challenge_types", json!(["code", "totp"])),
        ("challenge_endpoints", json!([{ "endpoint": enrollment, "type": "totp" }])),
    ];
    for (name, value) in changes {
        // Only the first three are creators. Tokens that are refused, or of another user or tenant, add no rights.
        let tokens = [ACME, ALICE, BROWSER, NOBODY, "wrong", "bob", "globex", "root"];
        for (token, send_now) in tokens.into_iter().flat_map(|token| [(token, false), (token, true)]) {
            let creator = [ACME, ALICE, BROWSER].contains(&token);
            let created = host.challenge(json!({ "challenge_type": "code", "send_now": send_now })).await;
            let before = host.get(&format!("/v1/challenges/{}", id(&created)), NOBODY).await.json();
            let mut body = before.clone();
            body["spec"][name] = value.clone();
            host.clock.advance(1);
            let after = put_as(&host, token, &id(&created), body.clone()).await;
            if send_now {
                assert_eq!(after, before, "{name} {token}");
            } else if creator || !CREATOR_ONLY.contains(&name) {
                assert_eq!(after["spec"], body["spec"], "{name} {token}");
                assert_ne!(after["spec"], before["spec"], "{name} {token}");
            } else {
                assert_eq!(after["spec"], before["spec"], "{name} {token}");
            }
        }
    }
}

/// R38: all other fields never change.
#[tokio::test]
async fn replacement_keeps_user_state_and_metadata() {
    let host = Host::new().await;
    let hostile = json!({
        "metadata": { "id": "other", "created": "1999-01-01T00:00:00Z", "updated": 7 },
        "spec": { "user_id": "mallory", "challenge_type": "code" },
        "status": { "state": "challenge_passed", "code": "1", "answered_at": "x", "public_challenge": "y" },
    });
    for send_now in [false, true] {
        let created = host.challenge(json!({ "challenge_type": "code", "send_now": send_now })).await;
        let code = text(&created["status"]["code"]);
        let after = put(&host, &id(&created), hostile.clone()).await;
        let state = if send_now { "issued" } else { "pending" };
        assert_eq!(after["spec"]["user_id"], "alice");
        assert_eq!(after["status"], json!({ "state": state }));
        assert_eq!(after["metadata"]["id"], created["metadata"]["id"]);
        assert_eq!(after["metadata"]["created"], created["metadata"]["created"]);
        let mut issue = after.clone();
        issue["spec"]["send_now"] = json!(true);
        put(&host, &id(&created), issue).await;
        let query = format!("challenge_answer={code}&allowed=true&challenge_type=code");
        assert_eq!(host.answer(&id(&created), &query).await.status, 200, "the code is unchanged");
    }
}

const CREATOR_ONLY: [&str; 3] = ["response_uri", "challenge_type", "challenge_types"];

/// R64: control, a creator changes the data.
#[tokio::test]
async fn answer_data_needs_a_token() {
    let host = Host::new().await;
    for (token, data) in [(NOBODY, "ours"), ("bob", "ours"), ("wrong", "ours"), (ACME, "theirs")] {
        let spec = |data: &str| json!({ "user_id": "alice", "challenge_type": "code", "answer_data": { "a": data } });
        let created = host.challenge(spec("ours")).await;
        let mut issue = spec("theirs");
        issue["send_now"] = json!(true);
        assert_eq!(put_as(&host, token, &id(&created), json!({ "spec": issue })).await["status"]["state"], "issued");
        let query = format!("challenge_answer={}&allowed=true&challenge_type=code", text(&created["status"]["code"]));
        let answered = host.answer(&id(&created), &query).await.json();
        assert_eq!(answered["spec"]["answer_data"], json!({ "a": data }), "{token}");
    }
}

/// R64: fields that a caller without a token cannot change are not checked against the policy. Malformed ones are
/// refused.
#[tokio::test]
async fn ignored_fields_must_be_well_formed() {
    let host = Host::new().await;
    let path = format!("/v1/challenges/{}", id(&host.challenge(json!({ "challenge_type": "code" })).await));
    let elsewhere = json!("https://evil.example/");
    for (name, value, open, creator) in [
        ("response_uri", elsewhere, 200, 400),
        ("number_match", json!(true), 200, 400),
        ("response_uri", json!("javascript:alert(1)"), 400, 400),
        ("challenge_type", json!("carrier_pigeon"), 400, 400),
        ("answer_data", json!([1]), 400, 400),
        ("timeout_seconds", json!(0), 400, 400),
    ] {
        let mut body = json!({ "spec": { "user_id": "alice", "challenge_type": "code" } });
        body["spec"][name] = value;
        let before = host.get(&path, NOBODY).await.json();
        for (token, status) in [(NOBODY, open), (ACME, creator)] {
            assert_eq!(host.send("PUT", &path, token, body.clone()).await.status, status, "{name} {token}");
        }
        assert_eq!(host.get(&path, NOBODY).await.json()["spec"], before["spec"], "{name}");
    }
}

/// A creator's change must not be dropped while the identity provider is unavailable.
#[tokio::test]
async fn token_that_cannot_be_checked_gives_503() {
    let host = Host::new().await;
    let created = host.challenge(json!({ "challenge_type": "code" })).await;
    let path = format!("/v1/challenges/{}", id(&created));
    let body = json!({ "spec": { "user_id": "alice", "challenge_type": "code" } });
    assert_eq!(host.send("PUT", &path, DOWN, body).await.status, 503);
    assert_eq!(host.send("DELETE", &path, DOWN, Value::Null).await.status, 503);
    assert_eq!(host.get(&path, DOWN).await.status, 200, "control: reading uses no token");
}

#[tokio::test]
async fn writing_back_keeps_answer_data() {
    let host = Host::new().await;
    let created = host.challenge(json!({ "challenge_type": "code", "answer_data": { "a": 1 } })).await;
    let mut read = host.get(&format!("/v1/challenges/{}", id(&created)), NOBODY).await.json();
    read["spec"]["send_now"] = json!(true);
    assert_eq!(put(&host, &id(&created), read).await["status"]["state"], "issued");
    // An issued challenge ignores new answer data.
    let spec = json!({ "user_id": "alice", "challenge_type": "code", "answer_data": { "a": 2 } });
    put(&host, &id(&created), json!({ "spec": spec })).await;
    let query = format!("challenge_answer={}&allowed=true&challenge_type=code", text(&created["status"]["code"]));
    assert_eq!(host.answer(&id(&created), &query).await.json()["spec"]["answer_data"], json!({ "a": 1 }));
}

#[tokio::test]
async fn one_time_use_action_cannot_be_replaced() {
    let host = Host::new().await;
    let action = host.action(&["alice"]).await;
    let path = format!("/v1/challenges/{}", id(&action["challenge"]));
    let echo = host.get(&path, NOBODY).await.json();
    let other = json!({ "spec": { "user_id": "alice", "challenge_type": "code" } });
    for body in [echo.clone(), other] {
        assert_eq!(host.send("PUT", &path, NOBODY, body).await.status, 400);
    }
    assert_eq!(host.get(&path, NOBODY).await.json(), echo);
    assert_eq!(host.get(&link(&action, 0, "approve_uri"), NOBODY).await.status, 200);
}

#[tokio::test]
async fn replace_and_delete_can_require_a_token() {
    let host = Host::with(challenges_memory::MemoryStore::new(), |api| api.protect_replace_and_delete(true)).await;
    let (challenge, _) = host.code_challenge().await;
    let path = format!("/v1/challenges/{challenge}");
    let body = json!({ "spec": { "user_id": "alice", "challenge_type": "code" } });
    assert_eq!(host.get(&path, NOBODY).await.status, 200);
    for (token, status) in [(NOBODY, 401), ("wrong", 401), ("bob", 404), ("globex", 404), ("root", 404)] {
        assert_eq!(host.send("PUT", &path, token, body.clone()).await.status, status, "{token}");
        assert_eq!(host.send("DELETE", &path, token, Value::Null).await.status, status, "{token}");
    }
    assert_eq!(host.send("PUT", &path, "alice", body).await.status, 200);
    assert_eq!(host.send("DELETE", &path, "acme", Value::Null).await.status, 204);
}
