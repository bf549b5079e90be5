use challenges_core::{ChallengeSpec, ChallengeType, Owner, Purpose};
use serde_json::json;

use crate::host::{Host, NOBODY, id};

/// R38: replacing a challenge, which needs only the id, must not set the purpose of a step-up gate.
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
        let replaced = host.send("PUT", &path, NOBODY, body).await.json();
        assert_eq!(replaced["spec"]["timeout_seconds"], 77, "control: the replacement was applied");
        let stored = host.challenges.get(id.parse().unwrap()).await.unwrap();
        assert_eq!(stored.purpose(), purpose);
    }
}
