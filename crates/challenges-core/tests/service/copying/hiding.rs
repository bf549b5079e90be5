use std::ops::Range;

use async_trait::async_trait;
use challenges_core::store::{Batch, Commit, Id, Key, Kind, Load, StoreError, Stored, View};
use challenges_core::{Store, Timestamp};
use challenges_memory::MemoryStore;

/// A store that hides one record from one way of reading, like a store with an incomplete index.
#[derive(Debug)]
pub(super) struct Hiding {
    pub(super) store: MemoryStore,
    pub(super) key: Key,
    pub(super) view: View,
}

impl Hiding {
    fn show(&self, view: View, mut records: Vec<Stored>) -> Vec<Stored> {
        records.retain(|stored| self.view != view || stored.record.key != self.key);
        records
    }
}

#[async_trait]
impl Store for Hiding {
    async fn load(&self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        let loaded = self.store.load(request).await?;
        let view = if request.owned_kinds().is_empty() { View::Loaded } else { View::Owned };
        Ok(self.show(view, loaded))
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        self.store.commit(batch).await
    }

    async fn list(
        &self,
        kind: Kind,
        owner: Option<u64>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        // A page is full without the record, because a page with less than `limit` ends the list.
        let mut records = self.show(View::Listed, self.store.list(kind, owner, after, limit + 1).await?);
        records.truncate(limit);
        Ok(records)
    }

    async fn due(
        &self,
        kind: Kind,
        shards: Range<u16>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        Ok(self.show(View::Due, self.store.due(kind, shards, now, limit).await?))
    }

    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.store.purge(shards, before, limit).await
    }
}
