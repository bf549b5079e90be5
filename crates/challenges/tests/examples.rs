//! Runs every program in `examples/`, as a reader would.
#![allow(clippy::panic, clippy::unwrap_used, missing_docs)]

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use challenges_proofs::postgres::PostgresServer;
use challenges_proofs::redis::RedisServer;

/// The examples, each with the last line that it prints.
const EXAMPLES: [(&str, &str); 18] = [
    ("actix_identity", "transferred for alice"),
    ("approval", "deployed 1.4.2, 1 result stored"),
    ("axum_login", "transferred for alice"),
    ("code", "passed once"),
    ("import", "alice passed with the old app"),
    ("mail", "alice passed with the link"),
    ("passkey", "passed with a verified user"),
    ("postgres", "erased"),
    ("recovery", "recovered with a new app"),
    ("redis", "erased"),
    ("several_actors", "all approved: true"),
    ("sms", "alice passed with the code of the message"),
    ("sqlite", "other keys: the key ring does not open this store; start with the keys the store was written with"),
    ("step_up", "used twice: step-up required: pass a challenge first"),
    ("testing", "no app, no entry"),
    ("totp", "alice passed with the next code"),
    ("trusted_device", "still trusted: false"),
    ("web_push", "alice passed with the number"),
];

/// The longest example, in lines. A longer program is no example of a single topic.
const LONGEST: usize = 79;

const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// Returns the source of an example: `NAME.rs` or `NAME/main.rs`.
fn source(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let file = folder.join(format!("{name}.rs"));
    if file.exists() { file } else { folder.join(name).join("main.rs") }
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).and_then(|metadata| metadata.modified()).unwrap()
}

/// Returns a command that runs the example in an empty directory. Cargo builds the examples before any test runs, except
/// when `--test` selects tests.
fn example(name: &str, directory: &Path) -> Command {
    let program = env::current_exe().unwrap().parent().unwrap().with_file_name("examples").join(name);
    let advice = "run `cargo test -p challenges --all-features`, without `--test`";
    assert!(program.exists(), "{name} is not built: {advice}");
    assert!(modified(&program) >= modified(&source(name)), "{name} is older than its source: {advice}");
    let mut command = Command::new(program);
    command.current_dir(directory).env_remove("DATABASE_URL").env_remove("REDIS_URL").env("CHALLENGES_KEYS", KEYS);
    // With a backtrace, the sentence is not the last line.
    command.env_remove("RUST_BACKTRACE");
    command
}

/// Runs an example. Returns whether it succeeded, and the last line of its output and errors.
fn run(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.success(), text.lines().last().unwrap_or_default().to_owned())
}

#[test]
fn every_example_has_a_row() {
    let folder = source("code").parent().unwrap().to_owned();
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found: BTreeSet<_> = names.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let rows: BTreeSet<_> = EXAMPLES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(found, rows);
    let readme = include_str!("../README.md");
    for name in rows {
        assert!(readme.contains(&format!("(https://docs.rs/crate/challenges/latest/source/examples/{name}")), "{name}");
    }
}

#[test]
fn every_example_is_short_and_says_how_to_run() {
    for (name, _) in EXAMPLES {
        let text = fs::read_to_string(source(name)).unwrap();
        let lines = text.lines().count();
        assert!(lines <= LONGEST, "{name}: {lines} lines");
        let command = format!("//! cargo run -p challenges --example {name}");
        assert!(text.starts_with("//! ") && text.contains(&command), "{name}: how to run");
    }
}

#[test]
fn every_example_runs() {
    let (postgres, redis) = (PostgresServer::start(&[]).unwrap(), RedisServer::start(&[]).unwrap());
    for (name, last_line) in EXAMPLES {
        let directory = tempfile::tempdir().unwrap();
        let mut command = example(name, directory.path());
        match name {
            "postgres" => command.env("DATABASE_URL", postgres.url()),
            "redis" => command.env("REDIS_URL", redis.url()),
            _ => &mut command,
        };
        assert_eq!(run(&mut command), (true, last_line.to_owned()), "{name}");
        let left = fs::read_dir(directory.path()).unwrap().count();
        assert_eq!(left, 0, "{name} leaves files behind");
    }
}

/// An error of a program is printed as a sentence, not in the form of `Debug`.
#[test]
fn missing_url_is_named() {
    for (name, variable) in [("postgres", "DATABASE_URL"), ("redis", "REDIS_URL")] {
        let directory = tempfile::tempdir().unwrap();
        let (is_success, last_line) = run(&mut example(name, directory.path()));
        assert!(
            !is_success && last_line.starts_with(&format!("Error: {variable} is not set; ")),
            "{name}: {last_line}"
        );
    }
}
