//! Several processes on one file, and a process that is killed.
#![allow(missing_docs, clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use challenges_core::Store;
use challenges_core::store::{Batch, Commit, Key, Load, Record, Write};
use challenges_proofs::ledger;
use challenges_proofs::race::{self, Process};
use challenges_sqlite::SqliteOptions;
use tempfile::TempDir;

const PATH: &str = "CHALLENGES_SQLITE_PATH";
const FIRST: &str = "CHALLENGES_SQLITE_FIRST";

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
