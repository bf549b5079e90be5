//! Several processes on one file, and a process that is killed.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use challenges_core::store::{Batch, Commit, Key, Load, Record, Write};
use challenges_core::{Challenges, Store};
use challenges_proofs::accounts::{self, Journal};
use challenges_proofs::ledger;
use challenges_proofs::race::{self, Process};
use challenges_sqlite::SqliteOptions;
use rusqlite::Connection;
use tempfile::TempDir;

const PATH: &str = "CHALLENGES_SQLITE_PATH";
const FIRST: &str = "CHALLENGES_SQLITE_FIRST";

/// The stored names of the notices that an account receives.
const CHANGES: [&str; 5] = ["recovery_codes_generated", "recovery_code_used", "added", "imported", "device_trusted"];

async fn open(path: &str) -> Arc<dyn Store> {
    Arc::new(SqliteOptions::new().busy_timeout(Duration::from_secs(60)).open(path).unwrap())
}

/// Returns the path of a file that the first process creates.
fn file() -> (TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let path: PathBuf = directory.path().join("race.sqlite");
    (directory, path.into_os_string().into_string().unwrap())
}

/// R1, R57: of sixteen processes that create the same record, one succeeds. They also create the file at the same time.
#[test]
fn only_one_process_creates_each_record() {
    let (_directory, path) = file();
    race::create("child_creates", &path, open);
}

#[tokio::test]
async fn child_creates() {
    race::child_creates(open).await;
}

/// R1, R57: of sixteen processes that answer at once, one passes.
#[test]
fn only_one_of_sixteen_processes_passes() {
    let (_directory, path) = file();
    race::answer("child_answers", &path, open);
}

#[tokio::test]
async fn child_answers() {
    race::child_answers(open).await;
}

fn key(number: u64) -> Key {
    ledger::key(u16::try_from(number % 1_024).unwrap(), number)
}

fn acknowledged(line: &str) -> Option<u64> {
    line.split("acknowledged ").nth(1)?.parse().ok()
}

/// R57: commits acknowledged by a killed process are durable.
#[tokio::test]
async fn acknowledged_commits_survive_kill_9() {
    let (_directory, path) = file();
    let mut first = 0;
    for _ in 0..5 {
        let variables = [(PATH, path.clone()), (FIRST, first.to_string())];
        let mut child = Process::start("child_commits_until_killed", &variables);
        let mut numbers: Vec<_> = (0..60).filter_map(|_| acknowledged(&child.line_with("acknowledged "))).collect();
        numbers.extend(child.kill().iter().filter_map(|line| acknowledged(line)));
        assert!(numbers.len() >= 60);
        let store = open(&path).await;
        for number in &numbers {
            let found = store.load(&Load::key(key(*number))).await.unwrap();
            assert!(!found.is_empty(), "acknowledged record {number} was lost");
        }
        first = numbers.last().unwrap() + 10;
    }
}

#[tokio::test]
async fn child_commits_until_killed() {
    let (Ok(path), Ok(first)) = (std::env::var(PATH), std::env::var(FIRST)) else { return };
    let store = open(&path).await;
    let first: u64 = first.parse().unwrap();
    for number in first.. {
        let record = Record { key: key(number), due: None, expires: None, body: "{}".into() };
        let batch = Batch::new([1; 16], vec![Write::create(record)]).unwrap();
        assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
        println!("acknowledged {number}");
    }
}

async fn service(path: &str) -> Challenges {
    accounts::service(open(path).await, race::KEYS.parse().unwrap()).await.unwrap()
}

/// R67, R68, R70, R72, R75: a killed process leaves no change of an account lost or half done, and each change has a notice.
#[tokio::test]
async fn account_changes_survive_kill_9() {
    let (_directory, path) = file();
    for round in 0..5 {
        let variables = [(PATH, path.clone()), (FIRST, round.to_string())];
        let mut child = Process::start("child_changes_accounts_until_killed", &variables);
        // Ends at another step in each round.
        let mut lines: Vec<_> = (0..60 + round).map(|_| child.line_with("step ")).collect();
        lines.extend(child.kill());
        let journal = Journal::default();
        for line in &lines {
            if let Some((user, step)) = line.split_once("step ").and_then(|(_, rest)| rest.split_once(' ')) {
                journal.note(user, step);
            }
        }
        let challenges = service(&path).await;
        for (user, steps) in journal.users() {
            accounts::audit(&challenges, &user, &steps).await.unwrap_or_else(|error| panic!("{error}: {steps:?}"));
        }
    }
}

#[tokio::test]
async fn child_changes_accounts_until_killed() {
    let (Ok(path), Ok(round)) = (std::env::var(PATH), std::env::var(FIRST)) else { return };
    let challenges = service(&path).await;
    let lives = (0..4).map(async |task| {
        for number in 0.. {
            let user = format!("user-{round}-{task}-{number}");
            accounts::live(&challenges, &user, |step| println!("step {user} {step}")).await.unwrap();
        }
    });
    futures::future::join_all(lives).await;
}

/// R67, R68, R70, R72, R75: control. A store that lost the last change of a user is found, whatever the change was.
#[tokio::test]
async fn control_lost_changes_are_found() {
    let (directory, path) = file();
    let copy = |number: usize| directory.path().join(format!("{number}.sqlite")).to_str().unwrap().to_owned();
    let (challenges, journal) = (service(&path).await, Journal::default());
    let (database, save) = (Connection::open(&path).unwrap(), "VACUUM INTO ?1");
    database.execute(save, [copy(0)]).unwrap();
    let note = |step| {
        journal.note("alice", step);
        database.execute(save, [copy(journal.len())]).unwrap();
    };
    accounts::live(&challenges, "alice", note).await.unwrap();
    let (_, steps) = journal.users().pop().unwrap();
    for end in 1..=steps.len() {
        // An audit changes the store.
        let audit = async |number: usize| {
            let audited = copy(1_000 * end + number);
            std::fs::copy(copy(number), &audited).unwrap();
            accounts::audit(&service(&audited).await, "alice", &steps[..end]).await
        };
        audit(end).await.unwrap();
        // The erasure had only begun.
        assert_eq!(audit(end - 1).await.is_ok(), steps[end - 1] == "erasing", "{:?}", &steps[..end]);
    }
}

/// R67: control. A change without its notice is found.
#[tokio::test]
async fn control_lost_notices_are_found() {
    let (_directory, path) = file();
    let (challenges, journal) = (service(&path).await, Journal::default());
    let database = Connection::open(&path).unwrap();
    let copy = |name: &str| format!("{path}.{name}");
    let note = |step: String| {
        if step == "erasing" {
            for notice in CHANGES {
                database.execute("VACUUM INTO ?1", [copy(notice)]).unwrap();
            }
        } else if step != "erased" {
            journal.note("alice", step);
        }
    };
    accounts::live(&challenges, "alice", note).await.unwrap();
    let (_, steps) = journal.users().pop().unwrap();
    for notice in CHANGES {
        let database = Connection::open(copy(notice)).unwrap();
        // The notice to the host.
        let delete = "DELETE FROM records WHERE CAST(body AS TEXT) LIKE ?1 AND CAST(body AS TEXT) NOT LIKE '%\"to\":%'";
        assert!(database.execute(delete, [format!("%\"notice\":%\"{notice}\"%")]).unwrap() > 0, "{notice}");
        let found = accounts::audit(&service(&copy(notice)).await, "alice", &steps).await;
        assert!(found.unwrap_err().to_string().starts_with("notices of"), "{notice}");
    }
}
