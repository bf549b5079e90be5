use challenges_sqlite::SqliteStore;
use rusqlite::Connection;
use serde_json::json;

use crate::host::{Host, check, output, program};

#[test]
fn printed_schema_is_the_schema_of_the_store() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.db");
    let printed = output(program().args(["schema", "print", "--store", "sqlite:any"]));
    assert_eq!(printed.code, 0);
    Connection::open(&path).unwrap().execute_batch(&printed.stdout).unwrap();
    let store = format!("sqlite:{}", path.display());
    let verified = output(program().args(["schema", "verify", "--json", "--store", &store]));
    assert_eq!((verified.code, verified.json()), (0, json!({ "differences": [] })));
    let as_json = output(program().args(["schema", "print", "--json", "--store", "sqlite:any"])).json();
    assert_eq!(as_json["sql"], printed.stdout.as_str());
}

#[test]
fn pending_schema_waits_for_migrate() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.db");
    std::fs::write(&path, "").unwrap();
    let store = format!("sqlite:{}", path.display());
    let schema = |command: &str| output(program().args(["schema", command, "--json", "--store", &store]));
    let pending = schema("verify");
    assert_eq!((pending.code, pending.error().0.as_str()), (3, "unavailable"));
    assert!(pending.error().1.contains("challenges schema migrate"), "{pending:?}");
    let doctor = output(program().args(["doctor", "--json", "--store", &store]));
    assert_eq!((doctor.code, &doctor.json()["checks"][0]["name"]), (1, &json!("schema")));
    assert_eq!(std::fs::read(&path).unwrap(), b"", "unchanged so far");
    assert_eq!(schema("migrate").json(), json!({ "migrated": true }));
    assert_eq!(schema("verify").code, 0);
}

#[tokio::test]
async fn verify_reports_a_difference() {
    let host = Host::new().await;
    assert_eq!(host.run(&["schema", "verify"]).code, 0, "control");
    Connection::open(host.path("store.db")).unwrap().execute_batch("DROP INDEX records_by_owner").unwrap();
    let output = host.run_json(&["schema", "verify"]);
    assert_eq!((output.code, output.json()), (1, json!({ "differences": ["index records_by_owner is missing"] })));
}

/// R61: `verify`, `migrate` and `doctor` report a trigger that somebody with write access left behind.
#[tokio::test]
async fn trigger_on_records_is_a_problem() {
    let host = Host::new().await;
    let trigger = "CREATE TRIGGER copies AFTER INSERT ON records BEGIN SELECT 1; END";
    Connection::open(host.path("store.db")).unwrap().execute_batch(trigger).unwrap();
    let expected = json!(["trigger copies is not of this release; drop it unless you need it"]);
    let output = host.run_json(&["schema", "verify"]);
    assert_eq!((output.code, output.json()), (1, json!({ "differences": expected })));
    let output = host.run_json(&["schema", "migrate"]);
    assert_eq!((output.code, output.json()), (1, json!({ "migrated": true, "differences": expected })));
    let report = host.run_json(&["doctor"]).json();
    assert_eq!(check(&report, "schema")["details"]["differences"], expected);
}

/// R61: the name of such a trigger writes nothing over the report on a terminal.
#[tokio::test]
async fn name_of_a_trigger_is_escaped() {
    let host = Host::new().await;
    let trigger = "CREATE TRIGGER \"x\r\u{1b}[2Kok schema\" AFTER INSERT ON records BEGIN SELECT 1; END";
    Connection::open(host.path("store.db")).unwrap().execute_batch(trigger).unwrap();
    for command in [&["schema", "verify"][..], &["doctor"]] {
        let output = host.run(command);
        let text = format!("{}{}", output.stdout, output.stderr);
        assert!(text.contains("[2Kok schema") && !text.contains(['\r', '\u{1b}']), "{text:?}");
    }
}

/// R61: nor does the text of an error.
#[test]
fn error_is_escaped() {
    let output = output(program().args(["schema", "verify", "--store", "sqlite:no/x\r\u{1b}[2Kok schema"]));
    assert_eq!(output.code, 3);
    assert!(output.stderr.contains("[2Kok schema") && !output.stderr.contains(['\r', '\u{1b}']), "{output:?}");
}

#[test]
fn foreign_file_is_left_unchanged() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("foreign.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (id)").unwrap();
    let before = std::fs::read(&path).unwrap();
    let store = format!("sqlite:{}", path.display());
    let output = output(program().args(["schema", "migrate", "--store", &store]));
    assert_eq!(output.code, 3);
    assert!(output.stderr.contains("is not a challenges database"), "{output:?}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert!(SqliteStore::open(&path).is_err());
}
