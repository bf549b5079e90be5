//! The number of write transactions, and their failures.
#![allow(missing_docs, clippy::panic, clippy::unwrap_used)]

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use challenges_core::store::{Batch, BatchError, Commit, Id, Key, Kind, Load, Record, StoreError, Write};
use challenges_core::{Store, Timestamp};
use challenges_sqlite::{SqliteOptions, SqliteStore};
use futures::future::join_all;
use rusqlite::Connection;
use tempfile::{TempDir, tempdir};

const VERSION: [u8; 16] = [1; 16];

fn file() -> (TempDir, PathBuf) {
    let directory = tempdir().unwrap();
    let path = directory.path().join("store.sqlite");
    (directory, path)
}

fn key(kind: Kind, number: u64) -> Key {
    Key::new(kind, Id::new(Timestamp::from_millis(number), 7, number.into()))
}

fn put(key: Key, body: &'static [u8]) -> Write {
    let expires = Some(Timestamp::from_millis(100));
    Write::create(Record { key, due: None, expires, body: body.into() })
}

fn batch(writes: Vec<Write>) -> Result<Batch, BatchError> {
    Batch::new(VERSION, writes)
}

fn create(number: u64, body: &'static [u8]) -> Batch {
    batch(vec![put(key(Kind::Challenge, number), body)]).unwrap()
}

async fn exists(store: &SqliteStore, number: u64) -> bool {
    let key = key(Kind::Challenge, number);
    store.load(&Load::key(key)).await.unwrap().iter().any(|stored| stored.record.key == key)
}

/// R57: a commit is a single write transaction, and a read is none.
#[tokio::test]
async fn commit_takes_one_transaction_and_read_none() {
    let (_directory, path) = file();
    let store = SqliteStore::open(path).unwrap();
    assert_eq!(store.statistics().write_transactions, 0);
    for number in 0..10 {
        let writes = vec![
            put(key(Kind::Challenge, number), b"{}"),
            put(key(Kind::Outbox, number), b"{}"),
            Write::keep(key(Kind::Counters, number), None),
        ];
        assert_eq!(store.commit(batch(writes).unwrap()).await.unwrap(), Commit::Applied);
        assert_eq!(store.statistics().write_transactions, number + 1);
        assert_eq!(store.statistics().batches, number + 1);
    }
    let before = store.statistics();
    store.load(&Load::key(key(Kind::Challenge, 1)).with_owned(&Kind::ALL)).await.unwrap();
    store.load(&Load::key(key(Kind::Challenge, 1))).await.unwrap();
    assert_eq!(store.list(Kind::Challenge, None, None, 3).await.unwrap().len(), 3);
    store.due(Kind::Outbox, 0..Id::SHARDS, Timestamp::MAX, 10).await.unwrap();
    assert_eq!(store.statistics(), before);
}

#[tokio::test]
async fn large_purge_is_split_into_transactions() {
    let (_directory, path) = file();
    let store = SqliteStore::open(path).unwrap();
    let writes = (0..1_200).map(|number| put(key(Kind::Challenge, number), b"{}")).collect();
    assert_eq!(store.commit(batch(writes).unwrap()).await.unwrap(), Commit::Applied);
    let before = store.statistics().write_transactions;
    let purge = async |limit| store.purge(0..Id::SHARDS, Timestamp::MAX, limit).await.unwrap();
    assert_eq!(purge(0).await, 0);
    assert_eq!(purge(10).await, 10);
    assert_eq!(store.statistics().write_transactions - before, 1);
    assert_eq!(purge(usize::MAX).await, 1_190);
    // On a slow disk more.
    assert!(store.statistics().write_transactions - before >= 4);
    assert_eq!(purge(usize::MAX).await, 0);
}

#[tokio::test]
async fn concurrent_batches_share_a_transaction() {
    let (_directory, path) = file();
    let store = SqliteOptions::new().busy_timeout(Duration::from_secs(60)).open(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // `join!` polls in order: all commits are queued before the last future releases the lock.
    let commits = join_all((0..64).map(|number| store.commit(create(number, b"{}"))));
    let (commits, ()) = futures::join!(commits, async { other.execute_batch("ROLLBACK").unwrap() });
    assert!(commits.into_iter().all(|commit| commit.unwrap() == Commit::Applied));
    let statistics = store.statistics();
    assert_eq!(statistics.batches, 64);
    // The writer may have started a first group before all commits were queued.
    assert!(statistics.write_transactions <= 2, "{statistics:?}");
    for number in 0..64 {
        assert!(exists(&store, number).await);
    }
}

/// R57: a busy database returns `Unavailable`, and nothing is applied.
#[tokio::test]
async fn busy_database_is_unavailable() {
    let (_directory, path) = file();
    let store = SqliteOptions::new().busy_timeout(Duration::from_millis(20)).open(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for commit in join_all((0..8).map(|number| store.commit(create(number, b"{}")))).await {
        assert!(matches!(commit, Err(StoreError::Unavailable(_))), "{commit:?}");
    }
    assert!(matches!(store.purge(0..Id::SHARDS, Timestamp::MAX, 1).await, Err(StoreError::Unavailable(_))));
    // Reads are not blocked.
    assert!(!exists(&store, 0).await);
    other.execute_batch("ROLLBACK").unwrap();
    for number in 0..8 {
        assert!(!exists(&store, number).await);
        assert_eq!(store.commit(create(number, b"{}")).await.unwrap(), Commit::Applied);
    }
}

/// R57: a full database refuses commits, and accepts commits again after a purge.
#[tokio::test]
async fn full_database_refuses_until_purged() {
    const BODY: &[u8] = &[b'x'; 20_000];
    let (_directory, path) = file();
    let store = SqliteOptions::new().max_pages(NonZeroU32::new(60).unwrap()).open(&path).unwrap();
    let mut stored = 0;
    let error = loop {
        match store.commit(create(stored, BODY)).await {
            Ok(commit) => assert_eq!(commit, Commit::Applied),
            Err(error) => break error,
        }
        stored += 1;
        assert!(stored < 60, "the database never became full");
    };
    assert!(matches!(error, StoreError::Full(Some(_))), "{error:?}");
    assert!(stored > 2 && exists(&store, stored - 1).await && !exists(&store, stored).await);
    assert_eq!(store.purge(0..Id::SHARDS, Timestamp::MAX, 1).await.unwrap(), 1);
    assert_eq!(store.commit(create(stored, BODY)).await.unwrap(), Commit::Applied);
}

/// R58: an invalid row returns `Corrupt` and does not panic.
#[tokio::test]
async fn invalid_row_is_reported_as_corrupt() {
    let (_directory, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    for damage in [
        "UPDATE records SET version = x'00'",
        "UPDATE records SET owner = owner + 1",
        "UPDATE records SET id = 'not an id'",
        "UPDATE records SET id = substr(id, 1, 39) || 'é'",
    ] {
        assert_eq!(store.commit(create(1, b"{}")).await.unwrap(), Commit::Applied);
        assert_eq!(store.list(Kind::Challenge, None, None, 10).await.unwrap().len(), 1);
        assert_eq!(other.execute(damage, []).unwrap(), 1);
        let listed = store.list(Kind::Challenge, None, None, 10).await;
        let Err(StoreError::Corrupt(reason)) = &listed else { panic!("{damage}: {listed:?}") };
        let id = key(Kind::Challenge, 1).id.encode().as_str().to_owned();
        assert!(
            !format!("{reason} {reason:?}").contains(&id),
            "R26: the error contains a challenge id, which is a capability"
        );
        other.execute("DELETE FROM records", []).unwrap();
    }
    // Records of a kind unknown to this release are purged, and otherwise ignored.
    assert_eq!(store.commit(create(1, b"{}")).await.unwrap(), Commit::Applied);
    other.execute("UPDATE records SET kind = 99", []).unwrap();
    assert!(store.list(Kind::Challenge, None, None, 10).await.unwrap().is_empty());
    assert_eq!(store.purge(0..Id::SHARDS, Timestamp::MAX, 10).await.unwrap(), 1);
}

/// R57: two stores of one process may share a file.
#[tokio::test]
async fn two_stores_share_a_file() {
    let (_directory, path) = file();
    let (one, other) = (SqliteStore::open(&path).unwrap(), SqliteStore::open(&path).unwrap());
    let commits =
        join_all((0..100).flat_map(|number| [one.commit(create(number, b"{}")), other.commit(create(number, b"{}"))]));
    let commits: Vec<_> = commits.await.into_iter().map(Result::unwrap).collect();
    for pair in commits.chunks(2) {
        assert_eq!(pair.iter().filter(|commit| **commit == Commit::Applied).count(), 1);
    }
    drop(one);
    for number in 0..100 {
        assert!(exists(&other, number).await);
    }
}

/// The log is copied while the store is open. Control: below the interval, no commit copies anything.
#[tokio::test]
async fn many_commits_are_copied_into_the_database() {
    let (_directory, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    let size = || std::fs::metadata(&path).unwrap().len();
    let before = size();
    let commit = async |numbers: std::ops::Range<u64>| {
        let writes = numbers.map(|number| put(key(Kind::Challenge, number), &[b'x'; 1_000])).collect();
        assert_eq!(store.commit(batch(writes).unwrap()).await.unwrap(), Commit::Applied);
    };
    commit(0..500).await;
    assert_eq!(size(), before, "control");
    commit(500..600).await;
    for _ in 0..1_000 {
        if size() > before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not copied within 10 seconds");
}

#[test]
fn dropping_last_clone_waits_for_queued_commits() {
    let (_directory, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    let clone = store.clone();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    for number in 0..100 {
        // Dropped after the first poll, as by a cancelled caller.
        assert!(store.commit(create(number, b"{}")).as_mut().poll(&mut context).is_pending());
    }
    drop(store);
    drop(clone);
    // The log was checkpointed into the file.
    assert!(!path.with_file_name("store.sqlite-wal").exists());
    let store = SqliteStore::open(&path).unwrap();
    for number in 0..100 {
        assert!(futures::executor::block_on(exists(&store, number)));
    }
}
