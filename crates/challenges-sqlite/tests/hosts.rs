//! Applications that link this crate beside another client of SQLite, which cargo refuses unless both accept the same
//! `libsqlite3-sys`.
//!
//! Each combination is an application in a directory of its own. By default two combinations are resolved; with
//! `CHALLENGES_FULL=1` all are resolved and compiled. Without access to the registry nothing can be resolved.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// The dependencies of each application, beside this crate.
const HOSTS: &[(&str, &str)] = &[
    ("sqlx-0-8", r#"sqlx = { version = "0.8", features = ["sqlite", "runtime-tokio"] }"#),
    ("sqlx-0-9", r#"sqlx = { version = "0.9", features = ["sqlite", "runtime-tokio"] }"#),
    ("sea-orm-1", r#"sea-orm = { version = "1", features = ["sqlx-sqlite", "runtime-tokio"] }"#),
    ("diesel-2-2", r#"diesel = { version = "~2.2", features = ["sqlite"] }"#),
    ("diesel-2-3", r#"diesel = { version = "~2.3", features = ["sqlite"] }"#),
    ("rusqlite-0-32", r#"rusqlite = "0.32""#),
    ("rusqlite-0-33", r#"rusqlite = "0.33""#),
    ("rusqlite-0-34", r#"rusqlite = "0.34""#),
    ("rusqlite-0-35", r#"rusqlite = "0.35""#),
    ("rusqlite-0-36", r#"rusqlite = "0.36""#),
    ("rusqlite-0-37", r#"rusqlite = "0.37""#),
    ("rusqlite-0-38", r#"rusqlite = "0.38""#),
    ("rusqlite-0-39", r#"rusqlite = "0.39""#),
    ("rusqlite-0-40", r#"rusqlite = "0.40""#),
    ("rusqlite-0-41", r#"rusqlite = "0.41""#),
    ("rusqlite-0-42", r#"rusqlite = "0.42""#),
    ("rusqlite-0-43", r#"rusqlite = "0.43""#),
];

const MAIN: &str = "fn main() {\n    let _ = challenges_sqlite::SqliteStore::open(\"challenges.db\").is_ok();\n}\n";

/// Writes the application and runs a command of cargo in its directory.
fn cargo(directory: &Path, dependency: &str, command: &[&str]) -> Output {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().display();
    let manifest = format!(
        "[package]\nname = \"host\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\nchallenges-sqlite = {{ path = \
         \"{crates}/challenges-sqlite\" }}\n{dependency}\n"
    );
    fs::create_dir_all(directory.join("src")).unwrap();
    fs::write(directory.join("Cargo.toml"), manifest).unwrap();
    fs::write(directory.join("src/main.rs"), MAIN).unwrap();
    Command::new(env!("CARGO")).args(command).current_dir(directory).output().unwrap()
}

fn resolve(name: &str) {
    let (_, dependency) = HOSTS.iter().find(|(host, _)| *host == name).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let output = cargo(directory.path(), dependency, &["generate-lockfile"]);
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn resolves_beside_sqlx() {
    resolve("sqlx-0-8");
}

#[test]
fn resolves_beside_diesel() {
    resolve("diesel-2-3");
}

/// Control: cargo refuses a release of rusqlite outside the range.
#[test]
fn control_release_outside_range_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let output = cargo(directory.path(), r#"rusqlite = "0.31""#, &["generate-lockfile"]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("libsqlite3-sys"), "{text}");
}

/// Compiles every application. Takes minutes, so only with `CHALLENGES_FULL=1`.
#[test]
fn compiles_beside_every_client() {
    if std::env::var_os("CHALLENGES_FULL").is_none() {
        return;
    }
    for (name, dependency) in HOSTS {
        let directory = tempfile::tempdir().unwrap();
        let output = cargo(directory.path(), dependency, &["check", "--quiet"]);
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        println!("{name} compiles");
    }
}
