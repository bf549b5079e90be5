mod defect;

pub use defect::Defect;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use challenges_core::store::{Batch, Commit, Id, Key, Kind, Load, Record, StoreError, Stored, Write};
use challenges_core::{Store, Timestamp};

use crate::yield_now;

/// A simple store that keeps the store contract or, with a [`Defect`], breaks the contract in one place.
///
/// A store with a defect is a negative control: a test that relies on the store must fail on a matching defect. A store
/// without a defect is the model for comparisons with other stores.
#[derive(Debug)]
pub struct DefectiveStore {
    defect: Option<Defect>,
    records: Mutex<Records>,
}

#[derive(Debug, Default)]
struct Records {
    now: BTreeMap<Key, Stored>,
    before_last_commit: BTreeMap<Key, Stored>,
    loads: usize,
}

impl DefectiveStore {
    /// Creates an empty store with a defect.
    #[must_use]
    pub fn new(defect: Defect) -> Self {
        Self { defect: Some(defect), records: Mutex::default() }
    }

    /// Creates an empty store without a defect.
    #[must_use]
    pub fn sound() -> Self {
        Self { defect: None, records: Mutex::default() }
    }

    fn has(&self, defect: Defect) -> bool {
        self.defect == Some(defect)
    }

    fn lock(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn holds(&self, records: &BTreeMap<Key, Stored>, write: &Write) -> bool {
        if self.has(Defect::IgnoresKeeps) && matches!(write, Write::Keep { .. }) {
            return true;
        }
        match (write.expected(), records.get(&write.key())) {
            (None, None) => true,
            (None, Some(_)) => self.has(Defect::CreatesOverExisting),
            (Some(_), None) => self.has(Defect::UpdatesMissing),
            (Some(version), Some(found)) => found.version == version || self.has(Defect::IgnoresVersions),
        }
    }

    fn apply(&self, records: &mut BTreeMap<Key, Stored>, version: [u8; 16], write: Write) {
        match write {
            Write::Keep { .. } => {}
            Write::Delete { key, .. } => drop(records.remove(&key)),
            Write::Put { record, .. } => {
                let old = records.get(&record.key);
                let version = old.filter(|_| self.has(Defect::KeepsVersions)).map_or(version, |old| old.version);
                let record = self.distort(record, old.map(|old| &old.record));
                records.insert(record.key, Stored { record, version });
            }
        }
    }

    fn distort(&self, mut record: Record, old: Option<&Record>) -> Record {
        if self.has(Defect::TruncatesBodies) {
            record.body.truncate(1 << 20);
        }
        if self.has(Defect::LosesEmptyBodies) && record.body.is_empty() {
            record.body = Bytes::from_static(b"null");
        }
        if self.has(Defect::SaturatesTimes) {
            let signed = |time: Timestamp| time.min(Timestamp::from_millis(i64::MAX.unsigned_abs()));
            record.due = record.due.map(signed);
            record.expires = record.expires.map(signed);
        }
        if self.has(Defect::KeepsTimes)
            && let Some(old) = old
        {
            (record.due, record.expires) = (old.due, old.expires);
        }
        record
    }

    /// Returns the keys that a purge deletes.
    fn expired(
        &self,
        records: &BTreeMap<Key, Stored>,
        shards: &Range<u16>,
        before: Timestamp,
        limit: usize,
    ) -> Vec<Key> {
        let is_expired = |time: Timestamp| time < before || (time == before && self.has(Defect::PurgesTooEarly));
        let expired = records
            .values()
            .filter(|stored| self.has(Defect::IgnoresShards) || shards.contains(&stored.record.key.shard()))
            .filter(|stored| stored.record.expires.map_or_else(|| self.has(Defect::PurgesWithoutTime), is_expired));
        let limit = if self.has(Defect::IgnoresLimits) { usize::MAX } else { limit };
        let limit = if self.has(Defect::PurgesInPart) { limit.min(20) } else { limit };
        expired.take(limit).map(|stored| stored.record.key).collect()
    }

    /// Returns whether two keys are equal, ignoring the owner with [`Defect::ConfusesTags`].
    fn is_key(&self, key: Key, other: Key) -> bool {
        let random = |key: Key| key.id.to_string().get(18..).map(str::to_owned);
        key == other || (self.has(Defect::ConfusesTags) && key.kind == other.kind && random(key) == random(other))
    }
}

#[async_trait]
impl Store for DefectiveStore {
    async fn load(&self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        let mut records = self.lock();
        records.loads += 1;
        let stale = self.has(Defect::ReadsStale) || (self.has(Defect::LagsBehind) && records.loads.is_multiple_of(3));
        let records = if stale { &records.before_last_commit } else { &records.now };
        let is_key = |key: &Key| request.requested_key().is_some_and(|asked| self.is_key(asked, *key));
        let is_sibling = |key: &Key| {
            request.owned_kinds().contains(&key.kind)
                && (key.id.owner() == request.owner() || self.has(Defect::MixesOwners))
        };
        let mut found: Vec<_> =
            records.values().filter(|stored| is_key(&stored.record.key) || is_sibling(&stored.record.key)).collect();
        if self.has(Defect::RepeatsSiblings) {
            found
                .extend(records.values().filter(|stored| is_key(&stored.record.key) && is_sibling(&stored.record.key)));
        }
        if self.has(Defect::MissesWithError) && found.is_empty() {
            return Err(StoreError::Corrupt("no record was found".into()));
        }
        if self.has(Defect::ShufflesSiblings) {
            found.reverse();
        }
        Ok(found.into_iter().cloned().collect())
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        let (version, writes) = batch.into_parts();
        let holding: Vec<_> = {
            let records = self.lock();
            writes.iter().map(|write| self.holds(&records.now, write)).collect()
        };
        let all_hold = !holding.contains(&false);
        if self.has(Defect::ChecksThenWrites) || self.has(Defect::ChecksKeepsFirst) {
            yield_now().await;
        }
        if self.has(Defect::AppliesPartly) {
            for (write, holds) in writes.into_iter().zip(holding) {
                if holds {
                    self.apply(&mut self.lock().now, version, write);
                }
                yield_now().await;
            }
            return Ok(if all_hold { Commit::Applied } else { Commit::Conflict });
        }
        let mut records = self.lock();
        // Another commit may have happened between the two locks, so a sound store checks again under the write lock.
        let decided_before = |write: &Write| {
            self.has(Defect::ChecksThenWrites)
                || (self.has(Defect::ChecksKeepsFirst) && matches!(write, Write::Keep { .. }))
        };
        if !all_hold || !writes.iter().all(|write| decided_before(write) || self.holds(&records.now, write)) {
            return Ok(Commit::Conflict);
        }
        if self.has(Defect::ReadsStale) || self.has(Defect::LagsBehind) {
            records.before_last_commit = records.now.clone();
        }
        for write in writes {
            if !self.has(Defect::ForgetsWrites) {
                self.apply(&mut records.now, version, write);
            }
        }
        Ok(Commit::Applied)
    }

    async fn list(
        &self,
        kind: Kind,
        owner: Option<u64>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        let records = self.lock();
        let tag = |id: Id| {
            if self.has(Defect::SortsTagsAsSigned) { id.owner() ^ (1 << 63) } else { id.owner() }
        };
        let of_kind = records.now.values().filter(|stored| stored.record.key.kind == kind);
        let mut found: Vec<_> =
            of_kind.filter(|stored| owner.is_none_or(|owner| stored.record.key.id.owner() == owner)).collect();
        if !self.has(Defect::ListsByIdAlone) {
            found.sort_by_key(|stored| (tag(stored.record.key.id), stored.record.key.id));
        }
        if let Some(after) = after {
            if self.has(Defect::NeedsCursorRecord) && !records.now.contains_key(&Key::new(kind, after)) {
                return Ok(Vec::new());
            }
            let order = |id: Id| if self.has(Defect::ListsByIdAlone) { (0, id) } else { (tag(id), id) };
            let repeats = self.has(Defect::RepeatsCursor);
            found.retain(|stored| {
                let id = stored.record.key.id;
                order(id) > order(after) || (repeats && id == after)
            });
        }
        let is_cut = self.has(Defect::CutsPages) && found.len() > limit;
        found.truncate(if is_cut { limit.saturating_sub(1) } else { limit });
        Ok(found.into_iter().cloned().collect())
    }

    async fn due(
        &self,
        kind: Kind,
        shards: Range<u16>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        let records = self.lock();
        let is_due = |due: Timestamp| due < now || (due == now && !self.has(Defect::DueAfterNow));
        let mut found: Vec<_> = records
            .now
            .values()
            .filter(|stored| stored.record.key.kind == kind)
            .filter(|stored| self.has(Defect::IgnoresShards) || shards.contains(&stored.record.key.shard()))
            .filter(|stored| stored.record.due.map_or_else(|| self.has(Defect::DueWithoutTime), is_due))
            .collect();
        if !self.has(Defect::ShufflesDue) {
            found.sort_by_key(|stored| (stored.record.due, stored.record.key));
        }
        found.truncate(if self.has(Defect::IgnoresLimits) { usize::MAX } else { limit });
        Ok(found.into_iter().cloned().collect())
    }

    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let selected =
            self.has(Defect::SelectsThenPurges).then(|| self.expired(&self.lock().now, &shards, before, limit));
        if selected.is_some() {
            yield_now().await;
        }
        let mut records = self.lock();
        let keys = selected.unwrap_or_else(|| self.expired(&records.now, &shards, before, limit));
        for key in &keys {
            records.now.remove(key);
        }
        Ok(keys.len())
    }
}
