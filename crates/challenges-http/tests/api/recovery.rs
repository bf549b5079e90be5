//! R68: `recovery_code` is a type of the API only where the host admits it.

use challenges_core::{ChallengeSpec, ChallengeType, Owner};
use challenges_memory::MemoryStore;
use challenges_testkit::administrator;
use serde_json::json;

use crate::host::{ACME, Host, NOBODY, id};

fn alice() -> Owner {
    Owner::in_tenant("acme", "alice").unwrap()
}

/// R68: by default the type is unknown, and an answer neither passes nor uses a code up.
#[tokio::test]
async fn recovery_code_is_unknown_by_default() {
    for admitted in [false, true] {
        let host = Host::with(MemoryStore::new(), |builder| match admitted {
            true => builder.further_types([ChallengeType::RecoveryCode]),
            false => builder,
        })
        .await;
        let codes = host.challenges.recovery_codes().generate(&alice(), &administrator()).await.unwrap();
        let create = async |spec| host.post("/v1/challenges", ACME, json!({ "spec": spec })).await;
        let unknown = create(json!({ "user_id": "alice", "challenge_type": "recovery_codes", "send_now": true })).await;
        assert_eq!(unknown.status, 400);
        for spec in [
            json!({ "user_id": "alice", "challenge_type": "recovery_code", "send_now": true }),
            json!({ "user_id": "alice", "challenge_types": ["totp", "recovery_code"], "send_now": true }),
            json!({ "user_id": "alice", "challenge_type": "totp", "challenge_endpoints": [{ "type": "recovery_code" }] }),
        ] {
            let created = create(spec).await;
            assert_eq!(created.status, if admitted { 201 } else { 400 });
            assert!(admitted || created.body == unknown.body, "the type is unknown like any other");
        }
        let pending = id(&host.challenge(json!({ "challenge_type": "totp" })).await);
        let replacement = json!({ "spec": { "challenge_type": "recovery_code" } });
        let replaced = host.send("PUT", &format!("/v1/challenges/{pending}"), ACME, replacement).await;
        assert_eq!(replaced.status, if admitted { 200 } else { 400 });

        // A challenge of the host itself.
        let spec = ChallengeSpec::new(ChallengeType::RecoveryCode).unwrap();
        let challenge = host.challenges.create(alice(), spec).await.unwrap().challenge.id();
        let path = format!("/v1/challenges/{challenge}");
        assert_eq!(host.get(&path, NOBODY).await.json()["spec"]["challenge_type"], "recovery_code");
        let typed = codes[0].expose().to_lowercase();
        let answer = json!({ "challenge_answer": typed, "challenge_type": "recovery_code", "allowed": true, "challenge_uid": "alice" });
        let answered = host.post(&format!("{path}/answers"), NOBODY, answer).await;
        assert_eq!(answered.status == 200, admitted, "{answered:?}");
        let left = host.challenges.recovery_codes().left(&alice()).await.unwrap();
        assert_eq!(left, if admitted { 9 } else { 10 });
    }
}
