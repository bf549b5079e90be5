use std::ops::Range;

use async_trait::async_trait;
use challenges_core::store::{Batch, Commit, Key, Kind, ListQuery, Load, Loaded, Page, StoreError, Stored, View};
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
    async fn load(&self, request: &Load) -> Result<Loaded, StoreError> {
        let loaded = self.store.load(request).await?;
        let view = if request.owned_kinds().is_empty() { View::Loaded } else { View::Owned };
        Ok(Loaded::new(self.show(view, loaded.records().to_vec())))
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        self.store.commit(batch).await
    }

    async fn list(&self, query: &ListQuery) -> Result<Page, StoreError> {
        let page = self.store.list(query).await?;
        Ok(Page { records: self.show(View::Listed, page.records), ..page })
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
