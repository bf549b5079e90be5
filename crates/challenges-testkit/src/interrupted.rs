use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use challenges_core::store::{Batch, Commit, Id, Kind, Load, StoreError, Stored};
use challenges_core::{Store, Timestamp};
use futures::future::BoxFuture;

/// A store wrapper that runs a future right before the first commit.
///
/// The future acts between the read and the write of an operation, at the same point in every run.
pub struct Interrupted<S: ?Sized> {
    before: Mutex<Option<BoxFuture<'static, ()>>>,
    store: Arc<S>,
}

impl<S: Store + ?Sized> Interrupted<S> {
    /// Wraps a shared store. `before` runs before the first commit through this wrapper.
    #[must_use]
    pub fn new(store: Arc<S>, before: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { before: Mutex::new(Some(Box::pin(before))), store }
    }
}

impl<S: Store + ?Sized> fmt::Debug for Interrupted<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interrupted").field("store", &self.store).finish_non_exhaustive()
    }
}

#[async_trait]
impl<S: Store + ?Sized> Store for Interrupted<S> {
    async fn load(&self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        self.store.load(request).await
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        let before = self.before.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(before) = before {
            before.await;
        }
        self.store.commit(batch).await
    }

    async fn list(
        &self,
        kind: Kind,
        owner: Option<u64>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        self.store.list(kind, owner, after, limit).await
    }

    async fn due(
        &self,
        kind: Kind,
        shards: Range<u16>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        self.store.due(kind, shards, now, limit).await
    }

    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.store.purge(shards, before, limit).await
    }
}
