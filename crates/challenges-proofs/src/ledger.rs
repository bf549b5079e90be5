//! A record that lists the versions of all writes to it, so that lost and repeated writes are visible.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a failed check of a test")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use challenges_core::store::{Batch, Commit, Id, Key, Kind, Load, Record, StoreError, Write};
use challenges_core::{Store, Timestamp};

/// The time limit for an expected event.
pub const TIME_LIMIT: Duration = Duration::from_secs(60);

/// The outcomes of writes, as reported to callers.
#[derive(Debug, Default)]
pub struct Outcomes {
    /// The acknowledged writes.
    pub applied: Vec<[u8; 16]>,
    conflict: Vec<[u8; 16]>,
    /// The number of writes with an unknown outcome.
    pub unknown: usize,
    /// The number of writes that were not applied.
    pub unavailable: usize,
}

/// Differences between a record and the outcomes reported to callers.
#[derive(Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Audit {
    /// Acknowledged, but missing from the record.
    pub lost: usize,
    /// In the record more than once.
    pub doubled: usize,
    /// In the record, but reported as a conflict.
    pub denied: usize,
}

/// Returns the key of a record in a shard.
#[must_use]
pub fn key(shard: u16, number: u64) -> Key {
    let owner = u64::from(shard) << 54;
    Key::new(Kind::Counters, Id::new(Timestamp::from_millis(number), owner, number.into()))
}

fn new_version() -> [u8; 16] {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = u128::from(NEXT.fetch_add(1, Ordering::Relaxed));
    (number << 64 | u128::from(std::process::id())).to_be_bytes()
}

/// Creates a batch with a new record in shard 0.
#[must_use]
pub fn create() -> (Key, Batch) {
    let version = new_version();
    let number = u128::from_be_bytes(version);
    let key = Key::new(Kind::Challenge, Id::new(Timestamp::default(), 0, number));
    let record = Record { key, due: None, expires: None, body: "{}".into() };
    (key, Batch::new(version, vec![Write::create(record)]).unwrap())
}

/// Adds an entry to a record, and notes the outcome.
pub async fn append(store: &impl Store, key: Key, outcomes: &mut Outcomes) {
    let found = match store.load(&Load::key(key)).await {
        Ok(mut found) => found.pop(),
        Err(StoreError::Unavailable(_)) => {
            outcomes.unavailable += 1;
            return;
        }
        Err(error) => panic!("{error:?}"),
    };
    let (expect, mut body) = match found {
        Some(stored) => (Some(stored.version), stored.record.body.to_vec()),
        None => (None, Vec::new()),
    };
    let version = new_version();
    body.extend_from_slice(&version);
    let due = Some(Timestamp::from_millis(body.len() as u64));
    let record = Record { key, due, expires: due, body: body.into() };
    match store.commit(Batch::new(version, vec![Write::put(expect, record)]).unwrap()).await {
        Ok(Commit::Applied) => outcomes.applied.push(version),
        Ok(Commit::Conflict) => outcomes.conflict.push(version),
        Err(StoreError::OutcomeUnknown(_)) => outcomes.unknown += 1,
        Err(StoreError::Unavailable(_)) => outcomes.unavailable += 1,
        Err(error) => panic!("{error:?}"),
    }
}

/// Concurrent callers that append to records until stopped.
#[derive(Debug)]
pub struct Writers {
    stop: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<(Key, Outcomes)>>,
    applied: Arc<AtomicU64>,
}

impl Writers {
    /// Starts two callers per key, so that conflicts occur.
    pub fn start(store: &(impl Store + Clone), keys: &[Key]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let applied = Arc::new(AtomicU64::new(0));
        let tasks = keys.iter().flat_map(|key| [*key, *key]).map(|key| {
            let (store, stop, applied) = (store.clone(), Arc::clone(&stop), Arc::clone(&applied));
            tokio::spawn(async move {
                let mut outcomes = Outcomes::default();
                while !stop.load(Ordering::Relaxed) {
                    let before = outcomes.applied.len();
                    append(&store, key, &mut outcomes).await;
                    applied.fetch_add((outcomes.applied.len() - before) as u64, Ordering::Relaxed);
                }
                (key, outcomes)
            })
        });
        let tasks = tasks.collect();
        Self { stop, tasks, applied }
    }

    /// Waits for `more` acknowledged writes.
    pub async fn wait_for_commits(&self, more: u64) {
        let until = self.applied.load(Ordering::Relaxed) + more;
        let deadline = Instant::now() + TIME_LIMIT;
        while self.applied.load(Ordering::Relaxed) < until {
            assert!(Instant::now() < deadline, "no more writes are acknowledged");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Stops the callers, and returns the outcomes of each.
    pub async fn stop(self) -> Vec<(Key, Outcomes)> {
        self.stop.store(true, Ordering::Relaxed);
        let mut outcomes = Vec::new();
        for task in self.tasks {
            outcomes.push(task.await.unwrap());
        }
        outcomes
    }
}

/// Compares the records with the outcomes reported to callers.
pub async fn audit<'a>(store: &impl Store, outcomes: impl IntoIterator<Item = &'a (Key, Outcomes)>) -> Audit {
    let mut audit = Audit::default();
    let mut counted = BTreeSet::new();
    for (key, outcomes) in outcomes {
        let found = store.load(&Load::key(*key)).await.unwrap().pop();
        let body = found.map(|stored| stored.record.body).unwrap_or_default();
        let entries: Vec<_> = body.chunks(16).collect();
        let count = |version: &[u8; 16]| entries.iter().filter(|entry| **entry == version.as_slice()).count();
        audit.lost += outcomes.applied.iter().filter(|version| count(version) == 0).count();
        audit.denied += outcomes.conflict.iter().filter(|version| count(version) > 0).count();
        if counted.insert(*key) {
            audit.doubled += entries.len() - entries.iter().collect::<BTreeSet<_>>().len();
        }
    }
    audit
}
