use std::fmt;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use challenges_core::store::{Batch, Commit, Kind, ListQuery, Load, Loaded, Page, StoreError, Stored};
use challenges_core::{SHARDS, Shard, Store, Timestamp};

use crate::bound::Bound;
use crate::partition::Partition;

const PARTITIONS: usize = 64;

/// Keeps records in the memory of this process. Clones share them.
///
/// A second process, or a second store, knows nothing of them: behind a load balancer each would count guesses for itself, take
/// a used code again, and find no challenge of the other. Several processes need a store that they share.
///
/// # Examples
///
/// ```
/// use std::num::NonZeroUsize;
///
/// use challenges_memory::MemoryStore;
///
/// let unbounded = MemoryStore::new();
/// let bounded = NonZeroUsize::new(1_000_000).map(MemoryStore::with_bound);
/// ```
#[derive(Clone)]
pub struct MemoryStore(Arc<Inner>);

struct Inner {
    partitions: [Aligned; PARTITIONS],
    bound: Option<Bound>,
}

/// Two cache lines, so that neither a neighbour's lock nor the prefetcher's pair shares one.
#[derive(Default)]
#[repr(align(128))]
struct Aligned(Mutex<Partition>);

impl MemoryStore {
    /// An empty store that takes as many records as there is memory for.
    #[must_use]
    pub fn new() -> Self {
        Self::with(None)
    }

    /// An empty store that refuses new records of the kinds that callers can make at will
    /// ([`Kind::is_bounded`]) while it holds `limit` of them, with [`StoreError::Full`]. It evicts nothing.
    #[must_use]
    pub fn with_bound(limit: NonZeroUsize) -> Self {
        Self::with(Some(Bound::new(limit)))
    }

    fn with(bound: Option<Bound>) -> Self {
        Self(Arc::new(Inner { partitions: std::array::from_fn(|_| Aligned::default()), bound }))
    }

    fn partition(&self, shard: Shard) -> MutexGuard<'_, Partition> {
        let index = usize::from(shard.number()) * PARTITIONS / usize::from(SHARDS);
        // A shard's number is below SHARDS, so the index is below PARTITIONS.
        let [first, ..] = &self.0.partitions;
        lock(self.0.partitions.get(index).unwrap_or(first))
    }

    /// The partitions that hold those shards, in their order, one locked at a time.
    fn partitions(&self, shards: &Range<u16>) -> impl Iterator<Item = MutexGuard<'_, Partition>> {
        let width = usize::from(SHARDS) / PARTITIONS;
        let (start, end) = (usize::from(shards.start), usize::from(shards.end.min(SHARDS)));
        let (skip, last) = if start < end { (start / width, end.div_ceil(width)) } else { (0, 0) };
        self.0.partitions.iter().take(last).skip(skip).map(lock)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("bound", &self.0.bound).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn load(&self, request: &Load) -> Result<Loaded, StoreError> {
        Ok(Loaded::new(self.partition(request.shard()).load(request)))
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        let shard = batch.shard();
        let (version, writes) = batch.into_parts();
        self.partition(shard).commit(version, writes, self.0.bound.as_ref())
    }

    async fn list(&self, query: &ListQuery) -> Result<Page, StoreError> {
        if query.limit == 0 {
            return Ok(Page::default());
        }
        let shards = match (query.owner, query.after) {
            (Some(owner), _) => owner.shard().number()..owner.shard().number() + 1,
            (None, Some(id)) => id.shard().number()..SHARDS,
            (None, None) => 0..SHARDS,
        };
        // One more than asked for tells whether there is another page.
        let limit = query.limit.saturating_add(1);
        let mut records: Vec<Stored> = Vec::new();
        for partition in self.partitions(&shards) {
            partition.list(query, limit, &mut records);
            if records.len() == limit {
                break;
            }
        }
        let more = records.len() > query.limit;
        records.truncate(query.limit);
        let next = if more { records.last().map(|stored| stored.record.key.id) } else { None };
        Ok(Page { records, next })
    }

    async fn due(
        &self,
        kind: Kind,
        shards: Range<u16>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        let mut found = Vec::new();
        for partition in self.partitions(&shards) {
            partition.due(kind, &shards, now, limit, &mut found);
        }
        found.sort_unstable_by_key(|stored| (stored.record.due, stored.record.key.id));
        found.truncate(limit);
        Ok(found)
    }

    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let mut purged = 0;
        for mut partition in self.partitions(&shards) {
            if purged == limit {
                break;
            }
            purged += partition.purge(&shards, before, limit - purged, self.0.bound.as_ref());
        }
        Ok(purged)
    }
}

/// A thread that panicked while it held the lock left no half batch: a commit changes nothing before all is checked,
/// and the changes themselves cannot fail.
fn lock(partition: &Aligned) -> MutexGuard<'_, Partition> {
    partition.0.lock().unwrap_or_else(PoisonError::into_inner)
}
