//! One run on each kind of server. The URL has a password, which no output shows.

use std::process::Command;

use challenges_core::{Challenges, KeyRing, Store};
use challenges_postgres::PostgresOptions;
use challenges_proofs::postgres::PostgresServer;
use challenges_proofs::redis::RedisServer;
use challenges_redis::RedisStore;
use serde_json::json;

use crate::host::{Output, check, output, program};

const CANARY: &str = "canary-password";

fn run(url: &str, variable: &str, ring: &str, arguments: &[&str]) -> Output {
    let mut program: Command = program();
    let output = output(program.args(arguments).arg("--json").env(variable, url).env("CHALLENGES_KEYS", ring));
    assert!(!format!("{output:?}").contains(CANARY), "{output:?}");
    output
}

async fn start(store: impl Store) -> String {
    let keys = KeyRing::generate().unwrap();
    let ring = keys.to_text().trim().to_owned();
    Challenges::builder(store, keys).build().await.unwrap();
    ring
}

#[tokio::test]
async fn postgres_is_checked_and_migrated() {
    let server = PostgresServer::start(&[]).unwrap();
    let url = server.url().replace("postgres@", &format!("postgres:{CANARY}@"));
    let run = |ring: &str, arguments: &[&str]| {
        run(&url, "CHALLENGES_POSTGRES_URL", ring, &[arguments, &["--store", "postgres/mfa"]].concat())
    };
    let pending = run("", &["schema", "verify"]);
    assert_eq!((pending.code, pending.error().0.as_str()), (3, "unavailable"), "{pending:?}");
    assert_eq!(run("", &["schema", "migrate"]).json(), json!({ "migrated": true }));
    assert_eq!(run("", &["schema", "verify"]).json(), json!({ "differences": [] }));
    let sql = run("", &["schema", "print"]).json();
    assert!(sql["sql"].as_str().unwrap().contains("\"mfa\".records"));
    let ring = start(PostgresOptions::new().schema("mfa").connect(&server.url()).await.unwrap()).await;
    let doctor = run(&ring, &["doctor"]);
    assert_eq!(doctor.code, 0, "{doctor:?}");
    assert!(check(&doctor.json(), "clock")["details"]["difference_ms"].as_u64().unwrap() < 5_000);
    assert_eq!(run(&ring, &["user", "status", "alice"]).code, 0);
}

#[tokio::test]
async fn redis_is_checked_and_has_no_schema() {
    let server = RedisServer::start(&[]).unwrap();
    let url = server.url();
    let run = |ring: &str, arguments: &[&str]| {
        run(&url, "CHALLENGES_REDIS_URL", ring, &[arguments, &["--store", "redis"]].concat())
    };
    let empty = run("", &["doctor"]);
    assert_eq!(empty.code, 3, "{empty:?}");
    assert_eq!(server.cli(&["DBSIZE"]).unwrap().trim(), "0", "nothing was written");
    assert_eq!(run("", &["schema", "print"]).json(), json!({ "sql": null }));
    let ring = start(RedisStore::open(&url).await.unwrap()).await;
    assert_eq!(run(&ring, &["schema", "verify"]).json(), json!({ "differences": null }));
    let doctor = run(&ring, &["doctor"]);
    // The server of the test has no append-only file unless the helper sets one.
    assert!(doctor.code <= 1, "{doctor:?}");
    assert_eq!(check(&doctor.json(), "keys")["status"], "ok");
    assert!(check(&doctor.json(), "clock")["details"]["difference_ms"].as_u64().unwrap() < 5_000);
    assert_eq!(run(&ring, &["user", "status", "alice"]).code, 0);
}

/// R26: an invalid or unreachable URL is not repeated.
#[test]
fn broken_url_is_not_repeated() {
    for (store, variable, scheme) in
        [("postgres", "CHALLENGES_POSTGRES_URL", "postgres"), ("redis", "CHALLENGES_REDIS_URL", "redis")]
    {
        for rest in [
            format!("app:{CANARY}@127.0.0.1:1/db"),
            format!("app:{CANARY}?x@127.0.0.1:1/db?{CANARY}=1"),
            format!("app:{CANARY}@127.0.0.1:{CANARY}/db"),
            format!("app:{CANARY}#@host/db?sslmode={CANARY}"),
            CANARY.to_owned(),
        ] {
            let output = run(&format!("{scheme}://{rest}"), variable, "", &["schema", "verify", "--store", store]);
            assert_eq!(output.code, 3, "{output:?}");
        }
    }
}
