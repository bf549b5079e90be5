//! A record that lists the versions of all writes to it, so that lost and repeated writes are visible.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use challenges_core::store::{
    Batch, Commit, Expect, Id, Key, Kind, Load, OwnerTag, Record, StoreError, Version, Write,
};
use challenges_core::{Store, Timestamp};
use challenges_postgres::PostgresStore;

pub(crate) const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// The time limit for an expected event.
pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(60);

/// The outcomes of writes, as reported to callers.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    pub(crate) applied: Vec<Version>,
    conflict: Vec<Version>,
    pub(crate) unknown: usize,
    pub(crate) unavailable: usize,
}

/// Differences between a record and the outcomes reported to callers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Audit {
    /// Acknowledged, but missing from the record.
    pub(crate) lost: usize,
    /// In the record more than once.
    pub(crate) doubled: usize,
    /// In the record, but reported as a conflict.
    pub(crate) denied: usize,
}

pub(crate) fn key(shard: u16, number: u64) -> Key {
    let owner = OwnerTag::new(u64::from(shard) << 54);
    Key::new(Kind::Counters, Id::new(Timestamp::from_millis(number), owner, number.into()))
}

fn new_version() -> Version {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = u128::from(NEXT.fetch_add(1, Ordering::Relaxed));
    Version::from_bytes((number << 64 | u128::from(std::process::id())).to_be_bytes())
}

/// Adds an entry to a record, and notes the outcome.
pub(crate) async fn append(store: &PostgresStore, key: Key, outcomes: &mut Outcomes) {
    let loaded = match store.load(&Load::key(key)).await {
        Ok(loaded) => loaded,
        Err(StoreError::Unavailable(_)) => {
            outcomes.unavailable += 1;
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
        Ok(Commit::Applied) => outcomes.applied.push(version),
        Ok(Commit::Conflict) => outcomes.conflict.push(version),
        Err(StoreError::OutcomeUnknown(_)) => outcomes.unknown += 1,
        Err(StoreError::Unavailable(_)) => outcomes.unavailable += 1,
        Err(error) => panic!("{error:?}"),
    }
}

/// Concurrent callers that append to records until stopped.
pub(crate) struct Writers {
    stop: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<(Key, Outcomes)>>,
    applied: Arc<AtomicU64>,
}

impl Writers {
    /// Starts two callers per key, so that conflicts occur.
    pub(crate) fn start(store: &PostgresStore, keys: &[Key]) -> Self {
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
    pub(crate) async fn wait_for_commits(&self, more: u64) {
        let until = self.applied.load(Ordering::Relaxed) + more;
        let deadline = Instant::now() + TIME_LIMIT;
        while self.applied.load(Ordering::Relaxed) < until {
            assert!(Instant::now() < deadline, "no more writes are acknowledged");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    pub(crate) async fn stop(self) -> Vec<(Key, Outcomes)> {
        self.stop.store(true, Ordering::Relaxed);
        let mut outcomes = Vec::new();
        for task in self.tasks {
            outcomes.push(task.await.unwrap());
        }
        outcomes
    }
}

/// Compares the records with the outcomes reported to callers.
pub(crate) async fn audit<'a>(store: &PostgresStore, outcomes: impl IntoIterator<Item = &'a (Key, Outcomes)>) -> Audit {
    let mut audit = Audit::default();
    let mut counted = BTreeSet::new();
    for (key, outcomes) in outcomes {
        let loaded = store.load(&Load::key(*key)).await.unwrap();
        let body = loaded.find(*key).map(|stored| stored.record.body.clone()).unwrap_or_default();
        let entries: Vec<_> = body.chunks(16).collect();
        let count = |version: &Version| entries.iter().filter(|entry| **entry == version.as_bytes()).count();
        audit.lost += outcomes.applied.iter().filter(|version| count(version) == 0).count();
        audit.denied += outcomes.conflict.iter().filter(|version| count(version) > 0).count();
        if counted.insert(*key) {
            audit.doubled += entries.len() - entries.iter().collect::<BTreeSet<_>>().len();
        }
    }
    audit
}
