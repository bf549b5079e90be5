//! The contract between the service and whatever keeps its records.

mod batch;
mod comparison;
mod copying;
mod error;
mod query;
mod record;
mod shared;
mod walk;

pub use batch::{Batch, BatchError, Commit, Expect, Then, Write};
pub use comparison::{Comparison, Difference, Discrepancy, View, compare};
pub use copying::{Copied, CopyError, copy};
pub use error::StoreError;
pub use query::{ListQuery, Load, Loaded, Page};
pub use record::{Key, Kind, Record, Stored, Version};

use std::fmt::Debug;
use std::ops::Range;

use async_trait::async_trait;

use crate::time::Timestamp;

/// Keeps opaque, versioned records. Every rule of challenges lives above it.
///
/// # Contract
///
/// A store maps a [`Key`] to one [`Record`] and the [`Version`] that it was written under. It never reads a clock, never
/// looks into a body, and never makes a version: core mints one for each batch and compares them for equality only.
///
/// - [`load`](Store::load) gives one snapshot: it never shows half of a batch.
/// - What [`commit`](Store::commit) answered as [`Commit::Applied`] is seen by every later call, of this process and of
///   every other one on the same data, and survives whatever the store promises to survive.
/// - [`list`](Store::list) is ordered by owner tag and then by id, which is the order of creation; a cursor stays valid
///   when the record that it names is deleted. Records that exist during the whole of a walk are met exactly once.
/// - [`due`](Store::due) gives the records of a kind whose `due` is not after `now`, those due longest first.
/// - [`purge`](Store::purge) deletes records whose `expires` is before the time given, and no other. Nothing else ever
///   removes a record that was not deleted by a batch: a full store refuses, it never evicts.
///
/// # Atomicity
///
/// The [`Shard`](crate::Shard) is the unit: every key of a batch is in one shard, and so are the key and siblings of a
/// load. A batch is applied as a whole when every one of its expectations holds, and not at all otherwise. A missing
/// record does not fulfil [`Expect::At`]; a present one, expired or not, does not fulfil [`Expect::Absent`].
///
/// # What a wrong store lets an attacker do
///
/// | the store | the attacker |
/// |---|---|
/// | ignores an expected version, or checks it before it writes instead of with the write | answers one challenge twice, and guesses without being counted |
/// | applies part of a batch | passes a challenge without using up the TOTP code |
/// | compares what a batch only keeps ([`Then::Keep`]) before it writes | has an answer accepted by an enrollment that is deleted at the same time |
/// | purges what it saw expired, though it was written again since | spends a budget of messages twice, or locks a user out |
/// | answers `Applied` before the write is durable | gets attempts back by crashing the server |
/// | evicts records | replays a used code, or locks a user out |
/// | answers a stale record | sees a deleted enrollment accepted, until the commit refuses it |
///
/// `challenges-testkit` tries these against any store, but for two: whether what was `Applied` outlives a crash, which takes
/// a process that is killed, and whether a store evicts, which takes one that is full. Both are left to the store's own tests.
///
/// # Cancellation
///
/// A dropped future of `commit` may or may not have been applied, but never in part. The other calls change nothing
/// but what `purge` may delete.
///
/// # Wrappers
///
/// No method has a default implementation: a wrapper that forgets one does not compile.
#[async_trait]
pub trait Store: Debug + Send + Sync + 'static {
    /// Reads a key, and the owner's records of the named kinds, of one shard, in one snapshot and one round trip.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the records could not be read.
    async fn load(&self, request: &Load) -> Result<Loaded, StoreError>;

    /// Applies every write of the batch, or none.
    ///
    /// # Errors
    ///
    /// [`StoreError::OutcomeUnknown`] when the batch may have been applied; any other error promises that it was not.
    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError>;

    /// A page of the records of a kind, of one owner or of all.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the records could not be read.
    async fn list(&self, query: &ListQuery) -> Result<Page, StoreError>;

    /// At most `limit` records of a kind, in those shards, that are due.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the records could not be read.
    async fn due(
        &self,
        kind: Kind,
        shards: Range<u16>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError>;

    /// Deletes at most `limit` records, of any kind, in those shards, that expired before `before`; answers how many: fewer
    /// only where no more had expired.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the records could not be deleted; some may have been.
    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError>;
}
