use challenges_core::{ChallengeSpec, ChallengeType, Owner, Purpose};
use serde_json::{Value, json};

use crate::host::{ACME, ALICE, BROWSER, Host, NOBODY, id};

/// R38: replacing a challenge must not set the purpose of a step-up gate.
#[tokio::test]
async fn api_neither_sets_nor_shows_purposes() {
    let host = Host::new().await;
    let view = Purpose::new("view").unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_purpose(view.clone()).pending();
    let owner = Owner::in_tenant("acme", "alice").unwrap();
    let with = host.challenges.create(owner, spec).await.unwrap().challenge.id().to_string();
    let without = id(&host.challenge(json!({ "challenge_type": "code", "purpose": "transfer" })).await);
    for (id, purpose) in [(with, Some(&view)), (without, None)] {
        let path = format!("/v1/challenges/{id}");
        let mut body = host.get(&path, NOBODY).await.json();
        assert!(!body.to_string().contains("purpose") && !body.to_string().contains("view"), "{body}");
        body["spec"]["purpose"] = "transfer".into();
        body["spec"]["timeout_seconds"] = 77.into();
        let replaced = host.send("PUT", &path, ACME, body).await.json();
        assert_eq!(replaced["spec"]["timeout_seconds"], 77, "control: the replacement was applied");
        let stored = host.challenges.get(id.parse().unwrap()).await.unwrap();
        assert_eq!(stored.purpose(), purpose);
    }
}

/// R64: a challenge with a purpose takes no change without the token of a service: the challenged user is not the creator
/// either. Control: the same challenge without
/// a purpose.
#[tokio::test]
async fn challenges_with_purpose_need_a_token() {
    let host = Host::new().await;
    let owner = || Owner::in_tenant("acme", "alice").unwrap();
    let spec = |purpose: bool, pending: bool| {
        let mut spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
        spec.send_now = !pending;
        spec.purpose = purpose.then(|| Purpose::new("view").unwrap());
        spec
    };
    let body = json!({ "spec": { "user_id": "alice", "challenge_type": "code" } });
    for (purpose, pending) in [(true, true), (true, false), (false, true), (false, false)] {
        for (token, refused) in
            [(NOBODY, 401), ("wrong", 401), ("bob", 404), (ALICE, 404), (BROWSER, 404), ("globex", 404)]
        {
            let created = host.challenges.create(owner(), spec(purpose, pending)).await.unwrap();
            let path = format!("/v1/challenges/{}", created.challenge.id());
            let before = host.get(&path, NOBODY).await.json();
            let replaced = host.send("PUT", &path, token, body.clone()).await;
            let malformed = host.send("PUT", &path, token, json!({})).await;
            let deleted = host.send("DELETE", &path, token, Value::Null).await;
            if purpose {
                let statuses = (replaced.status, malformed.status, deleted.status);
                assert_eq!(statuses, (refused, refused, refused), "{token}");
                assert_eq!(host.get(&path, NOBODY).await.json(), before);
                assert_eq!(host.send("PUT", &path, "service", body.clone()).await.status, 200, "control");
                assert_eq!(host.send("DELETE", &path, ACME, Value::Null).await.status, 204, "control");
            } else {
                assert_eq!((replaced.status, malformed.status, deleted.status), (200, 400, 204), "control: {token}");
            }
        }
    }
}
