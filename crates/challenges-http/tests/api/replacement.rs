use serde_json::{Value, json};

use crate::host::{Host, NOBODY, id, link, text};

async fn put(host: &Host, id: &str, body: Value) -> Value {
    let reply = host.send("PUT", &format!("/v1/challenges/{id}"), NOBODY, body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

/// R38: each field changes while the challenge is pending and is frozen once the challenge is issued.
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
        for send_now in [false, true] {
            let created = host.challenge(json!({ "challenge_type": "code", "send_now": send_now })).await;
            let before = host.get(&format!("/v1/challenges/{}", id(&created)), NOBODY).await.json();
            let mut body = before.clone();
            body["spec"][name] = value.clone();
            host.clock.advance(1);
            let after = put(&host, &id(&created), body.clone()).await;
            if send_now {
                assert_eq!(after, before, "{name}");
            } else {
                assert_eq!(after["spec"], body["spec"], "{name}");
                assert_ne!(after["spec"], before["spec"], "{name}");
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
