use super::record::{Key, Record, Stored, Version};
use crate::id::Shard;

/// A condition on the stored record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "every store must handle every case")]
pub enum Expect {
    /// There is no record with this key.
    Absent,
    /// The record exists at this version.
    At(Version),
}

/// The effect of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "every store must handle every case")]
pub enum Then {
    /// Writes nothing: the write only asserts the expectation.
    Keep,
    /// Stores the record under the version of the batch.
    Put(Record),
    /// Deletes the record.
    Delete,
}

/// An expectation about a record, and the effect when all expectations of the batch hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "every store must handle every field")]
pub struct Write {
    /// The key of the record.
    pub key: Key,
    /// The expectation.
    pub expect: Expect,
    /// The effect.
    pub then: Then,
}

impl Write {
    /// Creates a write that stores a record under its own key.
    #[must_use]
    pub fn put(expect: Expect, record: Record) -> Self {
        Self { key: record.key, expect, then: Then::Put(record) }
    }

    /// Creates a write that deletes a record.
    #[must_use]
    pub fn delete(key: Key, version: Version) -> Self {
        Self { key, expect: Expect::At(version), then: Then::Delete }
    }

    /// Creates a write that asserts an expectation and changes nothing.
    #[must_use]
    pub fn keep(key: Key, expect: Expect) -> Self {
        Self { key, expect, then: Then::Keep }
    }
}

/// Writes of one shard, applied as a whole or not at all, with the version of the records put.
///
/// A batch has at least one write, and no key twice. Every record is put under its own key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    shard: Shard,
    version: Version,
    writes: Vec<Write>,
}

impl Batch {
    /// Creates a batch.
    ///
    /// # Errors
    ///
    /// [`BatchError`] when the writes cannot be applied as one.
    pub fn new(version: Version, writes: Vec<Write>) -> Result<Self, BatchError> {
        let shard = writes.first().ok_or(BatchError::Empty)?.key.shard();
        for (index, write) in writes.iter().enumerate() {
            if write.key.shard() != shard {
                return Err(BatchError::SeveralShards);
            }
            if writes.iter().take(index).any(|earlier| earlier.key == write.key) {
                return Err(BatchError::RepeatedKey);
            }
            if matches!(&write.then, Then::Put(record) if record.key != write.key) {
                return Err(BatchError::OtherKey);
            }
        }
        Ok(Self { shard, version, writes })
    }

    /// Creates the batch that copies a record of another store, with the version there.
    pub(super) fn recreate(stored: Stored) -> Self {
        let Stored { record, version } = stored;
        Self { shard: record.key.shard(), version, writes: vec![Write::put(Expect::Absent, record)] }
    }

    /// Returns the shard of every write.
    #[must_use]
    pub const fn shard(&self) -> Shard {
        self.shard
    }

    /// Returns the version to store with each record put.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// Returns the writes.
    #[must_use]
    pub fn writes(&self) -> &[Write] {
        &self.writes
    }

    /// Replaces each record put by the result of `map`, under the same key.
    pub(crate) fn map_records(mut self, map: impl Fn(Record, Version) -> Record) -> Self {
        for write in &mut self.writes {
            write.then = match std::mem::replace(&mut write.then, Then::Keep) {
                Then::Put(record) => Then::Put(map(record, self.version)),
                other @ (Then::Keep | Then::Delete) => other,
            };
        }
        self
    }

    /// Returns the version and the writes, by value.
    #[must_use]
    pub fn into_parts(self) -> (Version, Vec<Write>) {
        (self.version, self.writes)
    }
}

/// The error of writes that cannot form a batch. This is a bug of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// There is no write.
    #[error("a Batch needs at least one Write")]
    Empty,
    /// The keys are in several shards.
    #[error("the keys of a Batch must be in one shard")]
    SeveralShards,
    /// Two writes have the same key.
    #[error("a Batch must name each key once")]
    RepeatedKey,
    /// A record is put under a key other than its own.
    #[error("a Record must be put under its own key")]
    OtherKey,
}

/// The result of a commit without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a batch that met a conflict was not applied"]
#[expect(clippy::exhaustive_enums, reason = "a batch is applied or not")]
pub enum Commit {
    /// Every write is applied, and as durable as the store promises.
    Applied,
    /// An expectation did not hold. Nothing was written.
    Conflict,
}
