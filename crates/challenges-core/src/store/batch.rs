use super::record::{Key, Record, Stored, Version};
use crate::id::Shard;

/// What must hold for a write to be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// There is no record of that key.
    Absent,
    /// The record stands as that version wrote it.
    At(Version),
}

/// What to do when the expectation holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// Nothing: the write only asserts its expectation.
    Keep,
    /// Store this record under the version of the batch.
    Put(Record),
    /// Delete the record.
    Delete,
}

/// One expectation and what follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The record that it is about.
    pub key: Key,
    /// What must hold.
    pub expect: Expect,
    /// What to do.
    pub then: Then,
}

impl Write {
    /// Stores a record under its own key.
    #[must_use]
    pub fn put(expect: Expect, record: Record) -> Self {
        Self { key: record.key, expect, then: Then::Put(record) }
    }

    /// Deletes a record.
    #[must_use]
    pub fn delete(key: Key, version: Version) -> Self {
        Self { key, expect: Expect::At(version), then: Then::Delete }
    }

    /// Asserts that a record is as it was read, and leaves it.
    #[must_use]
    pub fn keep(key: Key, expect: Expect) -> Self {
        Self { key, expect, then: Then::Keep }
    }
}

/// Writes of one shard that are applied as a whole or not at all, and the version of what they put.
///
/// A batch has at least one write, no key twice, and every put is under its own key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    shard: Shard,
    version: Version,
    writes: Vec<Write>,
}

impl Batch {
    /// The batch of those writes.
    ///
    /// # Errors
    ///
    /// [`BatchError`] when they cannot be applied as one.
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

    /// The batch that creates a record as another store holds it, its version included.
    pub(super) fn recreate(stored: Stored) -> Self {
        let Stored { record, version } = stored;
        Self { shard: record.key.shard(), version, writes: vec![Write::put(Expect::Absent, record)] }
    }

    /// The shard of every write.
    #[must_use]
    pub const fn shard(&self) -> Shard {
        self.shard
    }

    /// The version to store with each record put.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The writes.
    #[must_use]
    pub fn writes(&self) -> &[Write] {
        &self.writes
    }

    /// The version and the writes, by value.
    #[must_use]
    pub fn into_parts(self) -> (Version, Vec<Write>) {
        (self.version, self.writes)
    }
}

/// Why writes make no batch. It is a defect of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// There is no write.
    #[error("a batch needs at least one write")]
    Empty,
    /// The keys are in more than one shard.
    #[error("the keys of a batch must all be in one shard")]
    SeveralShards,
    /// Two writes name one key.
    #[error("a batch names each key once")]
    RepeatedKey,
    /// A record is put under another key than its own.
    #[error("a record must be put under its own key")]
    OtherKey,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a batch that met a conflict was not applied"]
pub enum Commit {
    /// Every write is applied, and as durable as the store makes it.
    Applied,
    /// An expectation did not hold. Nothing was written.
    Conflict,
}
