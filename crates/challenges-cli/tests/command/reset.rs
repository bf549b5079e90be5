use challenges_core::import::Row;
use challenges_core::{ChallengeSpec, ChallengeType, Error, Factor, Grant};
use serde_json::json;

use crate::host::{Host, administrator, owner};

const RESET: &[&str] = &["user", "reset", "alice", "--who", "eve@support.example", "--why", "case 4711"];

/// Gives a user a completed and a pending app, recovery codes, a phone and a trusted device.
async fn furnish(host: &Host, user: &str) {
    let account = owner(user);
    let row: Row = json!({ "totp": { "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" } }).try_into().unwrap();
    host.challenges.account(&account).import(&administrator(), &row).await.unwrap();
    let (_, key) = host.challenges.totp().create(account.clone(), &administrator()).await.unwrap();
    host.hide(key.to_base32().expose());
    for code in host.challenges.recovery_codes().generate(&account, &administrator()).await.unwrap() {
        host.hide(code.expose());
    }
    host.register_phone(user, if user == "alice" { "+4915112345678" } else { "+4915112345679" }).await;
    host.trust_device(user).await;
}

fn reset(host: &Host) -> crate::host::Output {
    host.run_json(&[RESET, &["--yes"]].concat())
}

#[tokio::test]
async fn reset_removes_every_factor_of_one_user() {
    let host = Host::new().await;
    furnish(&host, "alice").await;
    furnish(&host, "bob").await;
    let device = host.challenges.devices().list(&owner("alice")).await.unwrap();
    assert_eq!(device.len(), 1, "control: a trusted device");
    host.lock("alice").await;
    let challenges = || async { format!("{:?}", host.challenges.list(&owner("alice"), None, 100).await.unwrap()) };
    let before = challenges().await;
    let session = Grant::first_factor();
    let first = || async { host.challenges.totp().create(owner("alice"), &session).await };
    assert!(matches!(first().await, Err(Error::Grant(_))), "control: the session alone enrolls nothing");

    let output = reset(&host);
    assert_eq!(output.code, 0, "{output:?}");
    let report = output.json();
    for (field, expected) in [
        ("reset", json!("alice")),
        ("tenant", json!("")),
        ("who", json!("eve@support.example")),
        ("why", json!("case 4711")),
        ("totp", json!(2)),
        ("webauthn", json!(0)),
        ("endpoints", json!(1)),
        ("recovery_codes", json!(10)),
        ("devices", json!(1)),
        ("locks", json!(1)),
    ] {
        assert_eq!(report[field], expected, "{field}");
    }
    assert!(report["note"].as_str().unwrap().contains("can enroll from now on"), "{report}");

    let status = host.challenges.account(&owner("alice")).status().await.unwrap();
    assert!(!status.has_factor() && status.totp.is_empty() && status.endpoints.is_empty());
    assert_eq!((status.recovery_codes, status.devices().len(), status.locked_until(Factor::Code)), (0, 0, None));
    assert_eq!(challenges().await, before, "challenges stay");
    let bob = host.challenges.account(&owner("bob")).status().await.unwrap();
    assert_eq!((bob.totp.len(), bob.endpoints.len(), bob.recovery_codes, bob.devices().len()), (2, 1, 10, 1));
    host.hide(first().await.unwrap().1.to_base32().expose());
}

#[tokio::test]
async fn reset_needs_a_confirmation_and_a_reason() {
    let host = Host::new().await;
    furnish(&host, "alice").await;
    let refused = host.run_json(RESET);
    assert_eq!((refused.code, refused.error().0.as_str()), (5, "unconfirmed"), "{refused:?}");
    assert_eq!(host.run_json(&["user", "reset", "alice", "--who", "eve", "--yes"]).code, 2);
    assert_eq!(host.run_json(&["user", "reset", "alice", "--who", " ", "--why", "case 1", "--yes"]).code, 2);
    let status = host.challenges.account(&owner("alice")).status().await.unwrap();
    assert_eq!((status.totp.len(), status.endpoints.len(), status.recovery_codes), (2, 1, 10));
}

#[tokio::test]
async fn stopped_reset_is_completed_by_the_next() {
    let host = Host::new().await;
    furnish(&host, "alice").await;
    // Endpoints, which come last.
    let store = host.break_store("DELETE ON records WHEN OLD.kind = 7");
    let stopped = reset(&host);
    assert_eq!((stopped.code, stopped.error().0.as_str()), (3, "unavailable"), "{stopped:?}");
    assert!(stopped.error().1.contains("run the command again"), "{stopped:?}");
    let status = host.challenges.account(&owner("alice")).status().await.unwrap();
    assert_eq!((status.totp.len(), status.endpoints.len()), (0, 1), "control: half done");

    store.execute_batch("DROP TRIGGER fault").unwrap();
    let report = reset(&host).json();
    assert_eq!((&report["totp"], &report["endpoints"]), (&json!(0), &json!(1)));
    assert!(!host.challenges.account(&owner("alice")).status().await.unwrap().has_factor());
    let again = reset(&host);
    assert_eq!((again.code, &again.json()["endpoints"]), (0, &json!(0)));
}

#[tokio::test]
async fn user_with_only_a_device_is_reset() {
    let host = Host::new().await;
    host.trust_device("alice").await;
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    let kept = host.challenges.create(owner("alice"), spec).await.unwrap().challenge.id();
    let output = reset(&host);
    assert_eq!((output.code, &output.json()["devices"]), (0, &json!(1)), "{output:?}");
    assert!(host.challenges.devices().list(&owner("alice")).await.unwrap().is_empty());
    let challenges = host.challenges.list(&owner("alice"), None, 10).await.unwrap();
    assert!(challenges.iter().any(|challenge| challenge.id() == kept));
}
