use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Batch, Commit, Id, Kind, Load, Store, StoreError, Stored};
use crate::time::Timestamp;

/// A shared store is a store: all methods forward to the inner store.
#[async_trait]
impl<S: Store + ?Sized> Store for Arc<S> {
    async fn load(&self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        (**self).load(request).await
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        (**self).commit(batch).await
    }

    async fn list(
        &self,
        kind: Kind,
        owner: Option<u64>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        (**self).list(kind, owner, after, limit).await
    }

    async fn due(
        &self,
        kind: Kind,
        shards: Range<u16>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        (**self).due(kind, shards, now, limit).await
    }

    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        (**self).purge(shards, before, limit).await
    }
}
