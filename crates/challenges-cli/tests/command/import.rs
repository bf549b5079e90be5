use std::fs::File;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::host::{Host, Output, owner, program};

const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const WEAK: &str = "GEZDGNBVGY3TQOJQ";
const SHORT: &str = "CANARYCANARY2345";

/// Writes a file of these lines, and hides every seed.
fn write(host: &Host, lines: &[String]) -> String {
    for secret in [SEED, WEAK, SHORT, &SEED.to_lowercase()] {
        host.hide(secret);
    }
    let path = host.path("rows");
    std::fs::write(&path, lines.join("\n")).unwrap();
    path.display().to_string()
}

fn line(user: &str, secret: &str) -> String {
    json!({ "owner": { "user": user }, "totp": { "secret": secret } }).to_string()
}

/// Returns the line, user, result and weakness of each row.
fn results(output: &Output) -> Value {
    let rows = output.json()["rows"].as_array().unwrap().clone();
    rows.iter().map(|row| json!([row["line"], row["user"], row["result"], row["weak"]])).collect()
}

async fn apps(host: &Host, user: &str) -> usize {
    host.challenges.totp().list(&owner(user), None, 10).await.unwrap().len()
}

/// R75: each line has a result, and a dry run has the results of the import without storing anything.
#[tokio::test]
async fn each_line_has_a_result() {
    let host = Host::new().await;
    let other = json!({ "owner": { "user": "alice" }, "totp": { "secret": SEED, "digits": 8 } }).to_string();
    let tenant = json!({ "owner": { "user": "alice", "tenant": "acme" }, "totp": { "secret": SEED } }).to_string();
    let lines = [line("alice", SEED), String::new(), line("bob", WEAK), line("carol", "GEZA"), tenant];
    let file = write(&host, &lines);
    let expected = json!([
        [1, "alice", "imported", false],
        [3, "bob", "imported", true],
        [4, "carol", "refused", false],
        [5, "alice", "imported", false]
    ]);
    let dry = host.run_json(&["import", "--dry-run", &file]);
    assert_eq!((dry.code, &dry.json()["dry_run"], results(&dry)), (1, &json!(true), expected.clone()), "{dry:?}");
    assert_eq!((apps(&host, "alice").await, apps(&host, "bob").await), (0, 0), "nothing is stored");

    let done = host.run_json(&["import", &file]);
    assert_eq!((done.code, results(&done)), (1, expected), "{done:?}");
    let json = done.json();
    let counts = ["imported", "weak", "skipped", "refused", "next"].map(|field| json[field].clone());
    assert_eq!(counts, [json!(3), json!(1), json!(0), json!(1), Value::Null]);
    assert!(json["rows"][2]["reason"].as_str().unwrap().contains("secret must be 10 to 128 bytes"), "{json}");
    assert_eq!(json["rows"][3]["tenant"], "acme");
    assert_eq!((apps(&host, "alice").await, apps(&host, "carol").await), (1, 0));

    let file = write(&host, &[line("alice", SEED), other]);
    let again = host.run(&["import", &file]);
    assert_eq!(again.code, 1);
    assert!(again.stdout.contains("line 1 (alice): skipped") && again.stdout.contains("line 2 (alice): refused:"));
    assert_eq!(host.run(&["import", &write(&host, &[line("alice", SEED)])]).code, 0, "control: nothing refused");
}

/// R26, R75: refused lines are not repeated, however they are broken.
#[tokio::test]
async fn broken_lines_are_refused_without_their_seeds() {
    let host = Host::new().await;
    let with = |owner: Value| json!({ "owner": owner, "totp": { "secret": SEED } }).to_string();
    let lines = [
        format!("{{\"owner\": {{\"user\": \"alice\"}}, \"totp\": {{\"secret\": \"{SHORT}"),
        format!("\"{SHORT}\""),
        SHORT.to_owned(),
        line("alice", &format!("{SHORT}!")),
        json!({ "owner": { "user": "alice" }, "totp": { "secret": SEED, "algorithm": SHORT } }).to_string(),
        json!({ "owner": { "user": "alice" }, "totp": { "secret": SEED }, SHORT: 1 }).to_string(),
        json!({ "owner": { "user": "alice" }, "totp": format!("otpauth://hotp/x?secret={SEED}") }).to_string(),
        json!({ "owner": { "user": "alice" }, "recovery_codes": [SHORT] }).to_string(),
        json!({ "totp": { "secret": SEED } }).to_string(),
        with(json!({})),
        with(json!({ "user": 7 })),
        with(json!({ "user": format!("{SHORT}\n") })),
        with(json!({ "user": "alice", "tenant": 7 })),
        with(json!({ "user": "alice", SHORT: "x" })),
        with(json!(SHORT)),
    ];
    let mut bytes = lines.join("\n").into_bytes();
    bytes.extend(b"\n\xff\xfe CANARYCANARY2345\n");
    let file = write(&host, &[]);
    std::fs::write(host.path("rows"), bytes).unwrap();
    let output = host.run_json(&["import", &file]);
    assert_eq!((output.code, &output.json()["refused"]), (1, &json!(lines.len() + 1)), "{output:?}");
    assert_eq!(host.run(&["import", &file]).stdout.matches(": refused: ").count(), lines.len() + 1);
    assert_eq!(apps(&host, "alice").await, 0);
}

/// R75: an error of the store stops the import, which continues at the line.
#[tokio::test]
async fn import_continues_at_the_line_of_an_error() {
    let host = Host::new().await;
    let file = write(&host, &["alice", "bob", "carol"].map(|user| line(user, SEED)));
    let full = "(SELECT count(*) FROM records WHERE kind = 4) >= 1";
    let store = host.break_store(&format!("INSERT ON records WHEN NEW.kind = 4 AND {full}"));
    let stopped = host.run_json(&["import", &file]);
    assert_eq!((stopped.code, stopped.error().0.as_str()), (3, "unavailable"), "{stopped:?}");
    assert!(stopped.error().1.contains("--from-line 2"), "{stopped:?}");
    assert_eq!((results(&stopped), &stopped.json()["next"]), (json!([[1, "alice", "imported", false]]), &json!(2)));
    assert!(host.run(&["import", &file]).stdout.contains("error: the import stopped at line 2"));

    store.execute_batch("DROP TRIGGER fault").unwrap();
    let rest = host.run_json(&["import", &file, "--from-line", "2"]);
    let expected = json!([[2, "bob", "imported", false], [3, "carol", "imported", false]]);
    assert_eq!((rest.code, results(&rest)), (0, expected), "{rest:?}");
    assert_eq!(host.run_json(&["import", &file, "--from-line", "0"]).code, 2);
}

#[tokio::test]
async fn rows_are_read_from_standard_input() {
    let host = Host::new().await;
    let file = write(&host, &[line("alice", SEED)]);
    let mut program = program();
    program.args(["import", "-", "--json", "--store", &host.store(), "--key-file", &host.key_file()]);
    let output = host.checked(program.stdin(Stdio::from(File::open(file).unwrap())));
    assert_eq!((output.code, &output.json()["imported"]), (0, &json!(1)), "{output:?}");
    assert_eq!(apps(&host, "alice").await, 1);
    let missing = host.run_json(&["import", &host.path("missing").display().to_string()]);
    assert_eq!((missing.code, missing.error().0.as_str()), (3, "unavailable"), "{missing:?}");
}

/// A credential of another system. The key is the base point of P-256.
fn credential() -> String {
    let key = "\\xa50102032620012158206b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296\
               2258204fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
    let credential = json!({
        "credential_id": "c2VxdWVuY2UgbnVtYmVyIDc", "public_key": key, "sign_count": 7, "device_type": "multi_device"
    });
    let row =
        json!({ "owner": { "user": "alice" }, "webauthn": credential, "rp_id": "example.org", "user_handle": null });
    row.to_string()
}

/// R75: a credential is admitted for the relying parties that the operator names, and `user reset` removes it.
#[cfg(feature = "webauthn")]
#[tokio::test]
async fn credentials_need_a_relying_party() {
    let host = Host::new().await;
    let file = write(&host, &[credential(), line("alice", SEED)]);
    let import = |domain: &str| host.run_json(&["import", &file, "--relying-party", domain]);
    let unnamed = host.run_json(&["import", &file]);
    assert_eq!(unnamed.code, 1);
    assert!(unnamed.json()["rows"][0]["reason"].as_str().unwrap().contains("--relying-party"), "{unnamed:?}");
    let other = import("example.com");
    assert_eq!((other.code, &other.json()["rows"][0]["result"]), (1, &json!("refused")), "{other:?}");
    assert_eq!(import("https://example.org").code, 2);

    let done = import("example.org");
    assert_eq!((done.code, &done.json()["rows"][0]["result"]), (0, &json!("imported")), "{done:?}");
    assert_eq!(host.challenges.webauthn().list(&owner("alice"), None, 10).await.unwrap().len(), 1);
    let reset = host.run_json(&["user", "reset", "alice", "--who", "eve", "--why", "case 1", "--yes"]);
    assert_eq!((reset.code, &reset.json()["webauthn"], &reset.json()["totp"]), (0, &json!(1), &json!(1)));
    assert!(host.challenges.webauthn().list(&owner("alice"), None, 10).await.unwrap().is_empty());
}

#[cfg(not(feature = "webauthn"))]
#[tokio::test]
async fn credentials_need_the_feature() {
    let host = Host::new().await;
    let file = write(&host, &[credential()]);
    let output = host.run_json(&["import", &file]);
    assert_eq!(output.code, 1);
    assert!(output.json()["rows"][0]["reason"].as_str().unwrap().contains("--features webauthn"), "{output:?}");
    assert_eq!(host.run_json(&["import", &file, "--relying-party", "example.org"]).code, 2);
}
