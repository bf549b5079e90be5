use challenges_core::{ChallengeSpec, ChallengeType, Factor, KeyRing};
use serde_json::json;

use crate::host::{Host, administrator, owner, program, write_keys};

#[tokio::test]
async fn status_shows_factors_and_masked_addresses() {
    let host = Host::new().await;
    let (enrollment, key) = host.challenges.totp().create(owner("alice"), &administrator()).await.unwrap();
    host.hide(key.to_base32().expose());
    host.register_phone("alice", "+4915112345678").await;
    for code in host.challenges.recovery_codes().generate(&owner("alice"), &administrator()).await.unwrap() {
        host.hide(code.expose());
    }
    host.lock("alice").await;
    let output = host.run_json(&["user", "status", "alice"]);
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{output:?}");
    let status = output.json();
    assert_eq!(
        (&status["user"], &status["tenant"], &status["has_factor"]),
        (&json!("alice"), &json!(""), &json!(true))
    );
    assert_eq!(status["totp"][0]["id"], enrollment.id().to_string());
    assert_eq!(status["totp"][0]["completed"], false);
    assert_eq!(status["endpoints"][0]["address"], "+***********78");
    assert_eq!((&status["recovery_codes"], &status["webauthn"]), (&json!(10), &json!([])));
    assert_eq!(status["devices"], json!([]));
    assert_eq!(status["locks"][0]["factor"], "code");
    let text = host.run(&["user", "status", "alice"]).stdout;
    assert!(text.contains("user: alice") && text.contains("address=+***********78"), "{text}");
    let other = host.run_json(&["user", "status", "alice", "--tenant", "other"]).json();
    assert_eq!((&other["has_factor"], &other["totp"]), (&json!(false), &json!([])));
}

#[tokio::test]
async fn locked_out_user_is_unlocked() {
    let host = Host::new().await;
    let locked = || async {
        let status = host.challenges.account(&owner("alice")).status().await.unwrap();
        status.locked_until(Factor::Code).is_some()
    };
    host.lock("alice").await;
    assert!(locked().await, "control: locked before");
    let refused = host.run_json(&["user", "unlock", "alice"]);
    assert_eq!((refused.code, refused.error().0.as_str()), (5, "unconfirmed"));
    assert!(locked().await);
    let output = host.run_json(&["user", "unlock", "alice", "--yes"]);
    assert_eq!((output.code, output.json()), (0, json!({ "unlocked": "alice", "tenant": "" })));
    assert!(!locked().await);
}

/// R72: the erasure is refused without a confirmation.
#[tokio::test]
async fn erasure_needs_a_confirmation() {
    let host = Host::new().await;
    for user in ["alice", "bob"] {
        let _ = host.challenges.create(owner(user), ChallengeSpec::new(ChallengeType::Code).unwrap()).await.unwrap();
    }
    let refused = host.run_json(&["user", "erase", "alice"]);
    assert_eq!((refused.code, refused.error().0.as_str()), (5, "unconfirmed"), "{refused:?}");
    assert_eq!(host.challenges.list(&owner("alice"), None, 10).await.unwrap().len(), 1);

    let erased = host.run_json(&["user", "erase", "alice", "--yes"]);
    assert_eq!((erased.code, &erased.json()["erased"]), (0, &json!("alice")));
    assert!(erased.json()["records"].as_u64().unwrap() >= 2, "the challenge and the counters");
    assert!(host.challenges.list(&owner("alice"), None, 10).await.unwrap().is_empty());
    assert_eq!(host.challenges.list(&owner("bob"), None, 10).await.unwrap().len(), 1);
    assert_eq!(host.run_json(&["user", "erase", "alice", "--yes"]).json()["records"], 0);
}

/// R29: a ring without the key of the store does nothing.
#[tokio::test]
async fn wrong_key_ring_is_refused() {
    let host = Host::new().await;
    host.lock("alice").await;
    write_keys(&host.path("other"), &KeyRing::generate().unwrap().to_text());
    let (store, other) = (host.store(), host.path("other"));
    for command in
        [&["user", "unlock", "alice", "--yes"][..], &["user", "status", "alice"], &["user", "erase", "alice", "--yes"]]
    {
        let mut program = program();
        let output =
            host.checked(program.args(command).args(["--json", "--store", &store]).arg("--key-file").arg(&other));
        assert_eq!((output.code, output.error().0.as_str()), (3, "unavailable"), "{output:?}");
        assert!(output.error().1.contains("key ring does not open this store"), "{output:?}");
    }
    let status = host.challenges.account(&owner("alice")).status().await.unwrap();
    assert!(status.locked_until(Factor::Code).is_some());
}
