use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use challenges_core::store::{Batch, Commit, Id, Kind, Load, StoreError, Stored};
use challenges_core::{Store, Timestamp};

/// A store wrapper that counts calls, to test the number of round trips. Clones share the counters.
///
/// # Examples
///
/// ```
/// use challenges_core::store::Load;
/// use challenges_core::Store;
/// use challenges_testkit::{Counting, Counts, DefectiveStore};
///
/// # futures::executor::block_on(async {
/// let store = Counting::new(DefectiveStore::sound());
/// let before = store.counts();
/// store.load(&Load::of(1)).await?;
/// assert_eq!(store.counts() - before, Counts { load: 1, ..Counts::default() });
/// # Ok::<(), challenges_core::store::StoreError>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
pub struct Counting<S: ?Sized> {
    counters: Arc<Counters>,
    store: Arc<S>,
}

/// The number of calls of each method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "tests build and match this")]
pub struct Counts {
    /// Calls to [`Store::load`].
    pub load: u64,
    /// Calls to [`Store::commit`].
    pub commit: u64,
    /// Commits that returned [`Commit::Conflict`].
    pub conflict: u64,
    /// Calls to [`Store::list`].
    pub list: u64,
    /// Calls to [`Store::due`].
    pub due: u64,
    /// Calls to [`Store::purge`].
    pub purge: u64,
}

impl std::ops::Sub for Counts {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            load: self.load.saturating_sub(earlier.load),
            commit: self.commit.saturating_sub(earlier.commit),
            conflict: self.conflict.saturating_sub(earlier.conflict),
            list: self.list.saturating_sub(earlier.list),
            due: self.due.saturating_sub(earlier.due),
            purge: self.purge.saturating_sub(earlier.purge),
        }
    }
}

#[derive(Debug, Default)]
struct Counters {
    load: AtomicU64,
    commit: AtomicU64,
    conflict: AtomicU64,
    list: AtomicU64,
    due: AtomicU64,
    purge: AtomicU64,
}

impl<S: Store> Counting<S> {
    /// Wraps a store with all counters at zero.
    #[must_use]
    pub fn new(store: S) -> Self {
        Self::sharing(Arc::new(store))
    }
}

impl<S: Store + ?Sized> Counting<S> {
    /// Wraps a shared store. Only calls through this wrapper are counted.
    #[must_use]
    pub fn sharing(store: Arc<S>) -> Self {
        Self { counters: Arc::default(), store }
    }

    /// Returns the calls so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        Counts {
            load: read(&self.counters.load),
            commit: read(&self.counters.commit),
            conflict: read(&self.counters.conflict),
            list: read(&self.counters.list),
            due: read(&self.counters.due),
            purge: read(&self.counters.purge),
        }
    }
}

impl<S: ?Sized> Clone for Counting<S> {
    fn clone(&self) -> Self {
        Self { counters: Arc::clone(&self.counters), store: Arc::clone(&self.store) }
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::SeqCst);
}

#[async_trait]
impl<S: Store + ?Sized> Store for Counting<S> {
    async fn load(&self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        count(&self.counters.load);
        self.store.load(request).await
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        count(&self.counters.commit);
        let commit = self.store.commit(batch).await?;
        if commit == Commit::Conflict {
            count(&self.counters.conflict);
        }
        Ok(commit)
    }

    async fn list(
        &self,
        kind: Kind,
        owner: Option<u64>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        count(&self.counters.list);
        self.store.list(kind, owner, after, limit).await
    }

    async fn due(
        &self,
        kind: Kind,
        shards: Range<u16>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        count(&self.counters.due);
        self.store.due(kind, shards, now, limit).await
    }

    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        count(&self.counters.purge);
        self.store.purge(shards, before, limit).await
    }
}
