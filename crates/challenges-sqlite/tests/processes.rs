//! Several processes on one file, and a process that is killed.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use challenges_core::store::{Batch, Commit, Id, Key, Kind, Load, Record, Write};
use challenges_core::{Store, Timestamp};
use challenges_sqlite::{SqliteOptions, SqliteStore};
use futures::executor::block_on;

const PATH: &str = "CHALLENGES_SQLITE_PATH";
const PROCESSES: u8 = 8;
const KEYS: u64 = 50;

fn key(number: u64) -> Key {
    Key::new(Kind::Reservation, Id::new(Timestamp::from_millis(number), number << 54, number.into()))
}

fn create(number: u64, process: u8) -> Batch {
    let record = Record { key: key(number), due: None, expires: None, body: vec![process].into() };
    Batch::new([process; 16], vec![Write::create(record)]).unwrap()
}

fn open(path: &str) -> SqliteStore {
    SqliteOptions::new().busy_timeout(Duration::from_secs(60)).open(path).unwrap()
}

fn spawn(test: &str, path: &Path, process: u8) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test, "--nocapture"]).env(PATH, path).env("PROCESS", process.to_string());
    child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

/// Returns the numbers that a child printed after `word`.
fn numbers(lines: impl Iterator<Item = String>, word: &str) -> Vec<u64> {
    lines.filter_map(|line| line.split(word).nth(1)?.trim().parse().ok()).collect()
}

/// R1, R57: of eight processes that create the same key, one succeeds.
#[test]
fn only_one_process_creates_each_key() {
    let directory = tempfile::tempdir().unwrap();
    // The processes also race to create the file and its schema.
    let path = directory.path().join("race.sqlite");
    let mut children: Vec<_> = (0..PROCESSES).map(|process| spawn("child_creates_keys", &path, process)).collect();
    for child in &mut children {
        child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    }
    let mut winners: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    for (process, child) in (0..).zip(children) {
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && text.contains("raced"), "{text}");
        for number in numbers(text.lines().map(str::to_owned), "won ") {
            winners.entry(number).or_default().push(process);
        }
    }
    let store = open(path.to_str().unwrap());
    for number in 0..KEYS {
        let stored = block_on(store.load(&Load::key(key(number)))).unwrap().pop();
        let by = stored.unwrap().record.body.to_vec();
        assert_eq!(winners.get(&number), Some(&by), "key {number}");
    }
}

#[test]
fn child_creates_keys() {
    let Ok(path) = std::env::var(PATH) else { return };
    let process = std::env::var("PROCESS").unwrap().parse().unwrap();
    std::io::stdin().read_exact(&mut [0; 3]).unwrap();
    let store = open(&path);
    for number in 0..KEYS {
        if block_on(store.commit(create(number, process))).unwrap() == Commit::Applied {
            println!("won {number}");
        }
    }
    println!("raced");
}

/// R57: commits acknowledged by a killed process are durable.
#[test]
fn acknowledged_commits_survive_kill_9() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("killed.sqlite");
    let mut from = 0;
    for _ in 0..5 {
        let mut child = spawn("child_commits_until_killed", &path, 1);
        writeln!(child.stdin.take().unwrap(), "{from}").unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut acknowledged = numbers(lines.by_ref().take(60), "acknowledged ");
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged.extend(numbers(lines, "acknowledged "));
        assert!(acknowledged.len() > 10);
        let store = open(path.to_str().unwrap());
        for number in &acknowledged {
            let found = block_on(store.load(&Load::key(key(*number)))).unwrap();
            assert!(!found.is_empty(), "acknowledged key {number} was lost");
        }
        from = acknowledged.last().unwrap() + 10;
    }
}

#[test]
fn child_commits_until_killed() {
    let Ok(path) = std::env::var(PATH) else { return };
    let mut from = String::new();
    std::io::stdin().read_line(&mut from).unwrap();
    let store = open(&path);
    let from: u64 = from.trim().parse().unwrap();
    for number in from.. {
        assert_eq!(block_on(store.commit(create(number, 1))).unwrap(), Commit::Applied);
        println!("acknowledged {number}");
    }
}
