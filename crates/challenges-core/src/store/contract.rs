use std::fmt::Debug;
use std::ops::Range;

use async_trait::async_trait;

use super::{Batch, Commit, Id, Kind, Load, StoreError, Stored};
use crate::time::Timestamp;

/// A database of opaque, versioned records.
///
/// A store knows nothing about challenges. It never reads a clock, never looks into a body and never makes a version.
///
/// # Data
///
/// A store is a map from [`Key`] to [`Stored`]. One table is enough:
///
/// | column | content |
/// |---|---|
/// | `kind` | [`Kind::code`], a number |
/// | `id` | [`Id`], 40 characters that sort like the ids; primary key together with `kind` |
/// | `owner` | [`Id::owner`](Id::owner), 64 bits, unsigned |
/// | `shard` | [`Id::shard`](Id::shard), the first ten bits of `owner` |
/// | `version` | 16 bytes; compared for equality only |
/// | `due`, `expires` | optional [`Timestamp`]s in milliseconds, 64 bits, unsigned |
/// | `body` | bytes |
///
/// Useful indices: (`kind`, `owner`, `id`), (`kind`, `due`) where `due` is set, and `expires` where set.
///
/// # Methods
///
/// | method | result |
/// |---|---|
/// | [`load`](Store::load) | the record of a key, and all records of an owner of some kinds |
/// | [`commit`](Store::commit) | checks every expectation and applies every write, atomically |
/// | [`list`](Store::list) | a page of the records of a kind, in order |
/// | [`due`](Store::due) | the records of a kind that are due, longest due first |
/// | [`purge`](Store::purge) | deletes expired records |
///
/// No method has a default implementation, so a wrapper that forgets a method does not compile.
///
/// # Atomicity
///
/// The unit of atomicity is the [shard](Id::shard). All keys of a batch are in one shard, and so are all records
/// of a load. Two shards never have to agree, so a store may spread shards over several servers.
///
/// - A batch is applied as a whole when all expectations hold, and not at all otherwise. The check and the write are
///   one step: no other write to these keys may come between.
/// - A write that expects `None` holds when there is no record. An expired record is still a record.
/// - A write that expects a version holds when the record exists at exactly this version.
/// - [`Write::Keep`] writes nothing, but the expectation is checked with the others, in the same step.
/// - A load is one snapshot and never shows a part of a batch.
///
/// # Durability
///
/// Every later call, of any process on the same data, sees a batch that was [`Commit::Applied`]. The batch survives
/// every failure that the store promises to survive. Only a batch or [`purge`](Store::purge) removes a record: a full
/// store refuses with [`StoreError::Full`], and never evicts. A store that limits its own size refuses only the kinds
/// of [`Kind::is_bounded`].
///
/// # Cancellation
///
/// When the future of `commit` is dropped, the batch is applied as a whole or not at all. The other methods change
/// nothing, except that `purge` may have deleted some records.
///
/// # Security
///
/// | a store that | lets an attacker |
/// |---|---|
/// | ignores an expected version, or checks it before the write instead of with the write | answer one challenge twice, and guess without being counted |
/// | applies a part of a batch | pass a challenge without using up the TOTP code |
/// | checks [`Write::Keep`] before the write instead of with the write | use an enrollment that is being deleted at the same time |
/// | purges a record that was expired when read but has been written since | spend a message budget twice, or lock a user out |
/// | answers `Applied` before the write is durable | get attempts back by crashing the server |
/// | evicts records | replay a used code, or lock a user out |
/// | returns a stale record | see a deleted enrollment accepted, until the commit refuses |
///
/// # Testing
///
/// The guide, `challenges-guide`, has a complete store to start from. `challenges-testkit` has a conformance suite for
/// any store. Two promises need tests of your own: applied batches survive a crash (kill a process), and a full store
/// does not evict (fill a store).
///
/// [`Key`]: super::Key
/// [`Write::Keep`]: super::Write::Keep
#[async_trait]
pub trait Store: Debug + Send + Sync + 'static {
    /// Loads the record of [`Load::requested_key`], if any, and every record of [`Load::owner`] of the kinds
    /// [`Load::owned_kinds`].
    ///
    /// All records come from one snapshot of one shard, in one round trip. Each record is returned once, the records of
    /// a kind in order of the ids. A missing record is left out.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the records cannot be read.
    async fn load(&self, request: &Load) -> Result<Vec<Stored>, StoreError>;

    /// Applies every write of the batch when every expectation holds, and none otherwise.
    ///
    /// Each record put is stored under [`Batch::version`].
    ///
    /// # Errors
    ///
    /// [`StoreError::OutcomeUnknown`] when the batch may have been applied. Any other error promises that the batch was
    /// not applied.
    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError>;

    /// Lists at most `limit` records of a kind, of one owner or of all, in the order of (owner tag, id).
    ///
    /// The page starts after the id `after`, even if that record is gone. Without `after`, the page starts at the first
    /// record. Only the last page has fewer than `limit` records. A walk that continues after the last id of each page
    /// meets every record that exists during the whole walk exactly once. Within one owner, the order is the order of
    /// creation.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the records cannot be read.
    async fn list(
        &self,
        kind: Kind,
        owner: Option<u64>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError>;

    /// Returns at most `limit` records of a kind in `shards` with `due` at or before `now`, longest due first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the records cannot be read.
    async fn due(
        &self,
        kind: Kind,
        shards: Range<u16>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError>;

    /// Deletes at most `limit` records of any kind in `shards` with `expires` before `before`. Returns the number
    /// deleted. A number below `limit` means that no more records had expired.
    ///
    /// Records without `expires` stay. Check `expires` again with the deletion: a record may have been written since.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the records cannot be deleted. Some may have been deleted.
    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError>;
}
