//! A record that lists the versions of all its writes, so that it shows each write that was lost or applied twice.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use challenges_core::store::{Batch, Commit, Expect, Key, Kind, Load, Record, StoreError, Version, Write};
use challenges_core::{Id, OwnerTag, Store, Timestamp};
use challenges_redis::RedisStore;

/// How long a test waits for what must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What callers were told of their writes.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) applied: Vec<Version>,
    conflict: Vec<Version>,
    pub(crate) unknown: usize,
    pub(crate) unavailable: usize,
}

/// What the record says about what callers were told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Audit {
    /// Acknowledged, and not in the record.
    pub(crate) lost: usize,
    /// In the record more than once.
    pub(crate) doubled: usize,
    /// In the record, though a conflict was reported.
    pub(crate) denied: usize,
}

pub(crate) fn key(shard: u16, number: u64) -> Key {
    let owner = OwnerTag::new(u64::from(shard) << 54);
    Key::new(Kind::Subject, Id::new(Timestamp::from_millis(number), owner, number.into()))
}

fn new_version() -> Version {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = u128::from(NEXT.fetch_add(1, Ordering::Relaxed));
    Version::from_bytes((number << 64 | u128::from(std::process::id())).to_be_bytes())
}

/// A new record of a shard.
pub(crate) fn create() -> (Key, Batch) {
    let version = new_version();
    let number = u128::from_be_bytes(*version.as_bytes());
    let key = Key::new(Kind::Challenge, Id::new(Timestamp::default(), OwnerTag::new(0), number));
    let record = Record { key, due: None, expires: None, body: "{}".into() };
    (key, Batch::new(version, vec![Write::put(Expect::Absent, record)]).unwrap())
}

/// Adds one entry to a record, and notes what came of it.
pub(crate) async fn append(store: &RedisStore, key: Key, told: &mut Told) {
    let loaded = match store.load(&Load::key(key)).await {
        Ok(loaded) => loaded,
        Err(StoreError::Unavailable(_)) => {
            told.unavailable += 1;
            return;
        }
        Err(error) => panic!("{error:?}"),
    };
    let (expect, mut body) = match loaded.find(key) {
        Some(stored) => (Expect::At(stored.version), stored.record.body.to_vec()),
        None => (Expect::Absent, Vec::new()),
    };
    let version = new_version();
    body.extend_from_slice(version.as_bytes());
    let due = Some(Timestamp::from_millis(body.len() as u64));
    let record = Record { key, due, expires: due, body: body.into() };
    match store.commit(Batch::new(version, vec![Write::put(expect, record)]).unwrap()).await {
        Ok(Commit::Applied) => told.applied.push(version),
        Ok(Commit::Conflict) => told.conflict.push(version),
        Err(StoreError::OutcomeUnknown(_)) => told.unknown += 1,
        Err(StoreError::Unavailable(_)) => told.unavailable += 1,
        Err(error) => panic!("{error:?}"),
    }
}

/// Callers that append to the records of some keys until they are told to stop.
pub(crate) struct Writers {
    stop: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<(Key, Told)>>,
    applied: Arc<AtomicU64>,
}

impl Writers {
    /// Two callers a key, so that there are conflicts.
    pub(crate) fn start(store: &RedisStore, keys: &[Key]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let applied = Arc::new(AtomicU64::new(0));
        let tasks = keys.iter().flat_map(|key| [*key, *key]).map(|key| {
            let (store, stop, applied) = (store.clone(), Arc::clone(&stop), Arc::clone(&applied));
            tokio::spawn(async move {
                let mut told = Told::default();
                while !stop.load(Ordering::Relaxed) {
                    let before = told.applied.len();
                    append(&store, key, &mut told).await;
                    applied.fetch_add((told.applied.len() - before) as u64, Ordering::Relaxed);
                }
                (key, told)
            })
        });
        let tasks = tasks.collect();
        Self { stop, tasks, applied }
    }

    /// Waits until so many more writes were acknowledged.
    pub(crate) async fn progress(&self, more: u64) {
        let until = self.applied.load(Ordering::Relaxed) + more;
        let deadline = Instant::now() + PATIENCE;
        while self.applied.load(Ordering::Relaxed) < until {
            assert!(Instant::now() < deadline, "nothing is acknowledged any more");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    pub(crate) async fn stop(self) -> Vec<(Key, Told)> {
        self.stop.store(true, Ordering::Relaxed);
        let mut told = Vec::new();
        for task in self.tasks {
            told.push(task.await.unwrap());
        }
        told
    }
}

/// Compares the records with what callers were told.
pub(crate) async fn audit<'a>(store: &RedisStore, told: impl IntoIterator<Item = &'a (Key, Told)>) -> Audit {
    let mut audit = Audit::default();
    let mut counted = BTreeSet::new();
    for (key, told) in told {
        let loaded = store.load(&Load::key(*key)).await.unwrap();
        let body = loaded.find(*key).map(|stored| stored.record.body.clone()).unwrap_or_default();
        let entries: Vec<_> = body.chunks(16).collect();
        let count = |version: &Version| entries.iter().filter(|entry| **entry == version.as_bytes()).count();
        audit.lost += told.applied.iter().filter(|version| count(version) == 0).count();
        audit.denied += told.conflict.iter().filter(|version| count(version) > 0).count();
        if counted.insert(*key) {
            audit.doubled += entries.len() - entries.iter().collect::<BTreeSet<_>>().len();
        }
    }
    audit
}
