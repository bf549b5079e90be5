use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use challenges_core::store::Id;
use challenges_core::store::{Batch, Commit, Key, Kind, Load, Record, Stored, Write};
use challenges_core::{Store, Timestamp};
use futures::future::{BoxFuture, join_all};

use super::Suite;
use super::failure::{Verdict, ensure};

/// A new, empty store with the checks that cases share.
pub(super) struct Fixture<'a> {
    pub(super) store: Arc<dyn Store>,
    pub(super) suite: &'a Suite,
}

impl<'a> Fixture<'a> {
    pub(super) const fn new(store: Arc<dyn Store>, suite: &'a Suite) -> Self {
        Self { store, suite }
    }

    /// Commits the writes under a new version.
    pub(super) async fn commit(&self, writes: Vec<Write>) -> Verdict<(Commit, [u8; 16])> {
        let version = new_version();
        Ok((self.store.commit(Batch::new(version, writes)?).await?, version))
    }

    /// Commits writes that must be applied. `what` describes the batch in the report.
    pub(super) async fn applied(&self, what: &str, writes: Vec<Write>) -> Verdict<[u8; 16]> {
        let (commit, version) = self.commit(writes).await?;
        ensure!(commit == Commit::Applied, "{what} returned Conflict, but every expectation holds");
        Ok(version)
    }

    /// Commits writes that must return a conflict and leave the named records unchanged.
    pub(super) async fn refused(&self, what: &str, writes: Vec<Write>) -> Verdict {
        let keys: Vec<_> = writes.iter().map(Write::key).collect();
        let mut before = Vec::new();
        for key in &keys {
            before.push(self.find(*key).await?);
        }
        let (commit, _) = self.commit(writes).await?;
        ensure!(commit == Commit::Conflict, "{what} returned Applied; expected Conflict");
        for (key, before) in keys.iter().zip(before) {
            let after = self.find(*key).await?;
            ensure!(
                before == after,
                "{what} returned Conflict but changed {key:?}: {} before, {} after",
                brief(before.as_ref()),
                brief(after.as_ref()),
            );
        }
        Ok(())
    }

    pub(super) async fn create(&self, record: Record) -> Verdict<Stored> {
        let what = format!("the create of {:?}", record.key);
        let version = self.applied(&what, vec![Write::create(record.clone())]).await?;
        Ok(Stored { record, version })
    }

    /// Replaces a record at its stored version.
    pub(super) async fn update(&self, stored: &Stored, record: Record) -> Verdict<Stored> {
        let what = format!("the update of {:?} at its version", record.key);
        let version = self.applied(&what, vec![Write::update(stored.version, record.clone())]).await?;
        Ok(Stored { record, version })
    }

    pub(super) async fn find(&self, key: Key) -> Verdict<Option<Stored>> {
        let mut found = self.store.load(&Load::key(key)).await?;
        ensure!(found.len() <= 1, "a load of one key returned {} records", found.len());
        ensure!(
            found.iter().all(|stored| stored.record.key == key),
            "a load of {key:?} returned another record: {:?}",
            keys(&found),
        );
        Ok(found.pop())
    }

    /// Checks that the record is stored, byte for byte.
    pub(super) async fn is_stored(&self, what: &str, stored: &Stored) -> Verdict {
        let found = self.find(stored.record.key).await?;
        ensure!(
            found.as_ref() == Some(stored),
            "after {what}, a load must return {}; it returned {}",
            brief(Some(stored)),
            brief(found.as_ref()),
        );
        Ok(())
    }

    pub(super) async fn is_gone(&self, what: &str, key: Key) -> Verdict {
        let found = self.find(key).await?;
        ensure!(found.is_none(), "after {what}, {key:?} must be gone; a load returned {}", brief(found.as_ref()));
        Ok(())
    }

    /// Walks a list page by page and checks every page.
    pub(super) async fn walk(&self, kind: Kind, owner: Option<u64>, limit: usize) -> Verdict<Vec<Stored>> {
        let mut walked: Vec<Stored> = Vec::new();
        loop {
            let after = walked.last().map(|last| last.record.key.id);
            let page = self.store.list(kind, owner, after, limit).await?;
            ensure!(page.len() <= limit, "a page of at most {limit} has {} records", page.len());
            let is_last = page.len() < limit;
            walked.extend(page);
            ensure!(walked.len() <= 10_000, "a list with limit {limit} does not end");
            if is_last {
                return Ok(walked);
            }
        }
    }

    /// Runs the tasks concurrently and returns their results.
    pub(super) async fn race<T: Send + 'static>(&self, tasks: Vec<BoxFuture<'static, Verdict<T>>>) -> Verdict<Vec<T>> {
        let count = tasks.len();
        let results = Arc::new(Mutex::new(Vec::with_capacity(count)));
        let tasks = tasks.into_iter().map(|task| {
            let results = Arc::clone(&results);
            (self.suite.spawner)(Box::pin(async move {
                let result = task.await;
                results.lock().unwrap_or_else(PoisonError::into_inner).push(result);
            }))
        });
        join_all(tasks).await;
        let results = std::mem::take(&mut *results.lock().unwrap_or_else(PoisonError::into_inner));
        ensure!(results.len() == count, "{} of {count} tasks ended; the spawner must run every task", results.len());
        results.into_iter().collect()
    }
}

/// Returns a version that is unique in this process.
pub(super) fn new_version() -> [u8; 16] {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let count = u128::from(NEXT.fetch_add(1, Ordering::Relaxed));
    // Every byte changes between versions, to detect stores that keep only a part.
    count.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835).to_be_bytes()
}

/// Returns an owner tag in the given shard.
pub(super) const fn tag(shard: u16, rest: u64) -> u64 {
    ((shard as u64) << 54) | rest
}

pub(super) const fn key(kind: Kind, owner: u64, created: u64, random: u128) -> Key {
    Key::new(kind, Id::new(Timestamp::from_millis(created), owner, random))
}

pub(super) fn record(key: Key, body: impl Into<bytes::Bytes>) -> Record {
    Record { key, due: None, expires: None, body: body.into() }
}

pub(super) fn due_at(key: Key, due: Option<u64>) -> Record {
    Record { due: due.map(Timestamp::from_millis), ..record(key, "{}") }
}

pub(super) fn expiring_at(key: Key, expires: Option<u64>) -> Record {
    Record { expires: expires.map(Timestamp::from_millis), ..record(key, "{}") }
}

pub(super) fn keys<'a>(records: impl IntoIterator<Item = &'a Stored>) -> Vec<Key> {
    records.into_iter().map(|stored| stored.record.key).collect()
}

/// Formats a record for a report, with at most 60 bytes of the body.
pub(super) fn brief(stored: Option<&Stored>) -> String {
    let Some(Stored { record, version }) = stored else { return "nothing".to_owned() };
    let start = record.body.get(..60).unwrap_or(&record.body);
    format!(
        "a record with due {:?}, expires {:?}, version {:?} and {} bytes of body {:?}",
        record.due.map(Timestamp::as_millis),
        record.expires.map(Timestamp::as_millis),
        version,
        record.body.len(),
        String::from_utf8_lossy(start),
    )
}
