use challenges_core::KeyRing;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::host::{Host, administrator, check, owner, program, write_keys};

#[tokio::test]
async fn sound_store_passes_every_check() {
    let host = Host::new().await;
    host.lock("alice").await;
    let output = host.run_json(&["doctor"]);
    assert_eq!(output.code, 0, "{output:?}");
    let report = output.json();
    let names: Vec<_> =
        report["checks"].as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["store", "schema", "keys", "clock", "dead_letters", "outbox", "sweep", "endpoints", "records"]);
    assert!(report["checks"].as_array().unwrap().iter().all(|check| check["status"] == "ok"), "{report:#}");
    assert_eq!(report["ok"], true);
    let keys = &check(&report, "keys")["details"]["keys"];
    assert_eq!(*keys, json!([{ "id": "k1", "state": "active", "opens_store": true }]));
    let kinds = &check(&report, "records")["details"]["kinds"];
    assert_eq!((&kinds["challenge"], &kinds["salt"], &kinds["dead_letter"]), (&json!(6), &json!(1), &json!(0)));
    let text = host.run(&["doctor"]).stdout;
    assert!(text.contains("keys          active k1; accepted none; retired none"), "{text}");
}

#[tokio::test]
async fn dead_letters_are_a_problem() {
    let host = Host::new().await;
    host.dead_letter("alice").await;
    let output = host.run_json(&["doctor"]);
    assert_eq!((output.code, &output.json()["ok"]), (1, &json!(false)));
    let report = output.json();
    let letters = check(&report, "dead_letters");
    assert_eq!((&letters["status"], &letters["details"]["count"]), (&json!("problem"), &json!(1)));
}

#[tokio::test]
async fn forgotten_tasks_are_a_problem() {
    let host = Host::new().await;
    host.decide("alice").await;
    assert_eq!(host.run_json(&["doctor"]).code, 0, "control: nothing waits for long");
    let database = Connection::open(host.path("store.db")).unwrap();
    // Times are stored minus 2^63, so this is the year 1970.
    database.execute("UPDATE records SET due = ?1 WHERE due IS NOT NULL", [i64::MIN + 1]).unwrap();
    database.execute("UPDATE records SET expires = ?1 WHERE kind = 3", [i64::MIN + 1]).unwrap();
    let output = host.run_json(&["doctor"]);
    assert_eq!(output.code, 1);
    let report = output.json();
    for name in ["outbox", "sweep"] {
        assert_eq!(check(&report, name)["status"], "problem", "{report:#}");
        assert_eq!(check(&report, name)["details"]["waiting"], 1);
    }
}

#[tokio::test]
async fn address_that_cannot_be_read_is_a_problem() {
    let host = Host::new().await;
    host.register_phone("alice", "+4915112345678").await;
    host.register_phone("bob", "+4915112345679").await;
    let disabled = host.register_phone("carol", "+4915112345670").await;
    let endpoints = host.challenges.endpoints();
    endpoints.set_enabled(&owner("carol"), &administrator(), disabled, false).await.unwrap();
    let sound = json!({ "usable": 2, "disabled": 1, "unusable": [], "unreadable": [], "records": [] });
    assert_eq!(endpoints_of(&host), (0, sound), "control");

    // The record no longer verifies, as with a missing key.
    let database = Connection::open(host.path("store.db")).unwrap();
    let change = r#"UPDATE records SET body = CAST(replace(CAST(body AS TEXT), '"channel":', '"channel" :') AS BLOB)
        WHERE CAST(body AS TEXT) LIKE '%"user":"bob"%"channel":%' RETURNING id"#;
    let id: String = database.query_row(change, (), |row| row.get(0)).unwrap();
    let (code, details) = endpoints_of(&host);
    assert_eq!((code, &details["usable"], &details["unusable"]), (1, &json!(1), &json!([])), "{details:#}");
    assert_eq!(details["records"], json!([{ "kind": "endpoint", "id": id }]));
    assert_eq!(details["unreadable"][0]["user"], "bob");
}

/// A forged authenticator app is not called an address.
#[tokio::test]
async fn unreadable_record_is_named_by_kind() {
    let host = Host::new().await;
    host.register_phone("alice", "+4915112345678").await;
    drop(host.challenges.totp().create(owner("alice"), &administrator()).await.unwrap());
    assert_eq!(endpoints_of(&host).0, 0, "control");
    let database = Connection::open(host.path("store.db")).unwrap();
    let change = "UPDATE records SET body = CAST(body || x'20' AS BLOB) WHERE kind = 4 RETURNING id";
    let id: String = database.query_row(change, (), |row| row.get(0)).unwrap();
    let (code, details) = endpoints_of(&host);
    assert_eq!((code, &details["records"]), (1, &json!([{ "kind": "totp_enrollment", "id": id }])));
    assert_eq!((&details["unusable"], &details["unreadable"][0]["user"]), (&json!([]), &json!("alice")));
    let text = host.run(&["doctor"]).stdout;
    assert!(text.contains(&format!("1 records cannot be read: totp_enrollment {id}")), "{text}");
    assert!(!text.contains("have an address"), "{text}");
}

/// An address whose record names no user, or a user who does not have it, is reported.
#[tokio::test]
async fn address_of_nobody_is_a_problem() {
    for change in ["x'7b'", r#"CAST(replace(CAST(body AS TEXT), '"bob"', '"alice"') AS BLOB)"#] {
        let host = Host::new().await;
        host.register_phone("alice", "+4915112345678").await;
        host.register_phone("bob", "+4915112345679").await;
        assert_eq!(endpoints_of(&host).0, 0, "control");
        let database = Connection::open(host.path("store.db")).unwrap();
        let of_bob = r#"kind = 7 AND CAST(body AS TEXT) LIKE '%"user":"bob"%'"#;
        let change = format!("UPDATE records SET body = {change} WHERE {of_bob} RETURNING id");
        let id: String = database.query_row(&change, (), |row| row.get(0)).unwrap();
        let (code, details) = endpoints_of(&host);
        assert_eq!((code, &details["usable"]), (1, &json!(1)), "{details:#}");
        assert_eq!(details["records"], json!([{ "kind": "endpoint", "id": id }]), "{change}");
    }
}

/// Returns the exit code, and the details of the check.
fn endpoints_of(host: &Host) -> (i32, Value) {
    let output = host.run_json(&["doctor"]);
    (output.code, check(&output.json(), "endpoints")["details"].clone())
}

#[tokio::test]
async fn changed_schema_is_a_problem() {
    let host = Host::new().await;
    Connection::open(host.path("store.db")).unwrap().execute_batch("DROP INDEX records_by_due").unwrap();
    let report = host.run_json(&["doctor"]).json();
    assert_eq!(check(&report, "schema")["details"]["differences"], json!(["index records_by_due is missing"]));
}

#[cfg(unix)]
#[tokio::test]
async fn file_open_to_all_is_a_problem() {
    let host = Host::new().await;
    std::fs::set_permissions(host.path("store.db"), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let output = host.run_json(&["doctor"]);
    assert_eq!((output.code, &check(&output.json(), "store")["status"]), (1, &json!("problem")));
}

/// R29: a key ring that does not open the store is reported, and the other checks are made.
#[tokio::test]
async fn wrong_key_ring_is_reported() {
    let host = Host::new().await;
    host.dead_letter("alice").await;
    write_keys(&host.path("other"), &KeyRing::generate().unwrap().to_text());
    let mut program = program();
    let output = host
        .checked(program.args(["doctor", "--json", "--store", &host.store(), "--key-file"]).arg(host.path("other")));
    assert_eq!(output.code, 3);
    let report = output.json();
    assert_eq!(check(&report, "keys")["status"], "unavailable");
    assert_eq!(check(&report, "dead_letters")["status"], "problem");
}
