use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use challenges::store::{Batch, Commit, Id, Key, Kind, Load, StoreError, Stored, Write};
use challenges::{Store, Timestamp};

/// A store in a map.
#[derive(Debug, Default)]
pub struct OwnStore(Mutex<BTreeMap<Key, Stored>>);

impl OwnStore {
    fn records(&self) -> MutexGuard<'_, BTreeMap<Key, Stored>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for OwnStore {
    async fn load(&self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        let records = self.records();
        let requested = |key: &Key| {
            request.requested_key() == Some(*key)
                || (key.id.owner() == request.owner() && request.owned_kinds().contains(&key.kind))
        };
        Ok(records.values().filter(|stored| requested(&stored.record.key)).cloned().collect())
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        // The lock is held from the first comparison to the last write, so the batch is atomic.
        let mut records = self.records();
        let (version, writes) = batch.into_parts();
        let expectations_hold = writes.iter().all(|write| match (write.expected(), records.get(&write.key())) {
            (None, None) => true,
            (Some(expected), Some(found)) => expected == found.version,
            _ => false,
        });
        if !expectations_hold {
            return Ok(Commit::Conflict);
        }
        for write in writes {
            match write {
                Write::Keep { .. } => {}
                Write::Put { record, .. } => drop(records.insert(record.key, Stored { record, version })),
                Write::Delete { key, .. } => drop(records.remove(&key)),
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
        let records = self.records();
        let place = |stored: &Stored| (stored.record.key.id.owner(), stored.record.key.id);
        let after = after.map(|id| (id.owner(), id));
        let mut found: Vec<_> = records
            .values()
            .filter(|stored| stored.record.key.kind == kind)
            .filter(|stored| owner.is_none_or(|owner| owner == stored.record.key.id.owner()))
            .filter(|stored| after.is_none_or(|after| place(stored) > after))
            .cloned()
            .collect();
        found.sort_by_key(place);
        found.truncate(limit);
        Ok(found)
    }

    async fn due(
        &self,
        kind: Kind,
        shards: Range<u16>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        let records = self.records();
        let mut found: Vec<_> = records
            .values()
            .filter(|stored| stored.record.key.kind == kind && shards.contains(&stored.record.key.shard()))
            .filter(|stored| stored.record.due.is_some_and(|due| due <= now))
            .cloned()
            .collect();
        found.sort_by_key(|stored| (stored.record.due, stored.record.key));
        found.truncate(limit);
        Ok(found)
    }

    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let mut records = self.records();
        let expired = |stored: &&Stored| {
            shards.contains(&stored.record.key.shard()) && stored.record.expires.is_some_and(|expires| expires < before)
        };
        let keys: Vec<_> = records.values().filter(expired).take(limit).map(|stored| stored.record.key).collect();
        for key in &keys {
            records.remove(key);
        }
        Ok(keys.len())
    }
}
