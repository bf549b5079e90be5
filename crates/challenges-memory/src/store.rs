use std::fmt;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use challenges_core::store::{Batch, Commit, Id, Kind, Load, StoreError, Stored};
use challenges_core::{Store, Timestamp};

use crate::bound::Bound;
use crate::partition::Partition;

const PARTITIONS: usize = 64;

/// A store in the memory of this process. Clones share the same records.
///
/// Use a shared store when the service runs in several processes. Processes with a `MemoryStore` each would count
/// guesses separately, accept codes used elsewhere, and miss each other's challenges.
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
    partitions: [CachePadded; PARTITIONS],
    bound: Option<Bound>,
}

/// A lock padded to two cache lines, because the prefetcher fetches lines in pairs.
#[derive(Default)]
#[repr(align(128))]
struct CachePadded(Mutex<Partition>);

impl MemoryStore {
    /// Creates an empty store without a bound.
    #[must_use]
    pub fn new() -> Self {
        Self::with(None)
    }

    /// Creates an empty store that holds at most `limit` records of bounded kinds.
    ///
    /// Callers can create records of these kinds at will; see [`Kind::is_bounded`]. At the limit, a batch that creates
    /// more fails with [`StoreError::Full`]. Existing records are never evicted.
    #[must_use]
    pub fn with_bound(limit: NonZeroUsize) -> Self {
        Self::with(Some(Bound::new(limit)))
    }

    fn with(bound: Option<Bound>) -> Self {
        Self(Arc::new(Inner { partitions: std::array::from_fn(|_| CachePadded::default()), bound }))
    }

    fn partition(&self, shard: u16) -> MutexGuard<'_, Partition> {
        let index = usize::from(shard) * PARTITIONS / usize::from(Id::SHARDS);
        // The fallback is never used: a shard's number is below Id::SHARDS, so the index is below PARTITIONS.
        let [first, ..] = &self.0.partitions;
        lock(self.0.partitions.get(index).unwrap_or(first))
    }

    /// Returns the partitions of `shards` in order, each locked only while in use.
    fn partitions(&self, shards: &Range<u16>) -> impl Iterator<Item = MutexGuard<'_, Partition>> {
        let width = usize::from(Id::SHARDS) / PARTITIONS;
        let (start, end) = (usize::from(shards.start), usize::from(shards.end.min(Id::SHARDS)));
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
    async fn load(&self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        Ok(self.partition(request.shard()).load(request))
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        let shard = batch.shard();
        let (version, writes) = batch.into_parts();
        self.partition(shard).commit(version, writes, self.0.bound.as_ref())
    }

    async fn list(
        &self,
        kind: Kind,
        owner: Option<u64>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        let shards = match (owner, after) {
            (Some(owner), _) => Id::shard_of(owner)..Id::shard_of(owner) + 1,
            (None, Some(id)) => id.shard()..Id::SHARDS,
            (None, None) => 0..Id::SHARDS,
        };
        let mut records: Vec<Stored> = Vec::new();
        for partition in self.partitions(&shards) {
            if records.len() == limit {
                break;
            }
            partition.list(kind, owner, after, limit, &mut records);
        }
        Ok(records)
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

/// Locks a partition, ignoring poisoning.
///
/// A panic cannot leave half a batch behind: a commit makes all checks first, and changes cannot fail.
fn lock(partition: &CachePadded) -> MutexGuard<'_, Partition> {
    partition.0.lock().unwrap_or_else(PoisonError::into_inner)
}
