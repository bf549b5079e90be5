use std::future::poll_fn;
use std::ops::Range;
use std::sync::Arc;
use std::task::Poll;

use async_trait::async_trait;
use challenges_core::store::{Batch, Commit, Id, Kind, Load, StoreError, Stored};
use challenges_core::{Store, Timestamp};

/// Yields once to the other ready tasks, on any executor.
pub async fn yield_now() {
    let mut yielded = false;
    poll_fn(|context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A store wrapper that yields before and after every call.
///
/// Tasks then interleave between reads and writes even on a store that never waits. Most races never happen in a test
/// without this wrapper.
#[derive(Debug)]
pub struct Yielding<S: ?Sized>(Arc<S>);

impl<S: Store> Yielding<S> {
    /// Wraps a store.
    #[must_use]
    pub fn new(store: S) -> Self {
        Self::sharing(Arc::new(store))
    }
}

impl<S: Store + ?Sized> Yielding<S> {
    /// Wraps a shared store.
    #[must_use]
    pub const fn sharing(store: Arc<S>) -> Self {
        Self(store)
    }
}

impl<S: ?Sized> Clone for Yielding<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

macro_rules! between_yields {
    ($call:expr) => {{
        yield_now().await;
        let result = $call.await;
        yield_now().await;
        result
    }};
}

#[async_trait]
impl<S: Store + ?Sized> Store for Yielding<S> {
    async fn load(&self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        between_yields!(self.0.load(request))
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        between_yields!(self.0.commit(batch))
    }

    async fn list(
        &self,
        kind: Kind,
        owner: Option<u64>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        between_yields!(self.0.list(kind, owner, after, limit))
    }

    async fn due(
        &self,
        kind: Kind,
        shards: Range<u16>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        between_yields!(self.0.due(kind, shards, now, limit))
    }

    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        between_yields!(self.0.purge(shards, before, limit))
    }
}
