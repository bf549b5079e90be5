use super::BatchError;
use super::record::{Key, Record, Stored, Version};

/// A write to one record: an expectation about the stored record, and the effect when all expectations of the batch hold.
///
/// | expectation | holds when |
/// |---|---|
/// | `None` | there is no record with the key |
/// | `Some(version)` | the record exists at exactly this version |
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "every store must handle every case")]
pub enum Write {
    /// Stores the record under the version of the batch.
    Put {
        /// The expectation.
        expected: Option<Version>,
        /// The record.
        record: Record,
    },
    /// Deletes the record.
    Delete {
        /// The key of the record.
        key: Key,
        /// The expected version.
        version: Version,
    },
    /// Writes nothing: only asserts the expectation.
    Keep {
        /// The key of the record.
        key: Key,
        /// The expectation.
        expected: Option<Version>,
    },
}

impl Write {
    /// Returns the write that creates a record.
    #[must_use]
    pub const fn create(record: Record) -> Self {
        Self::put(None, record)
    }

    /// Returns the write that replaces the record of this version.
    #[must_use]
    pub const fn update(version: Version, record: Record) -> Self {
        Self::put(Some(version), record)
    }

    /// Returns the write that stores a record.
    #[must_use]
    pub const fn put(expected: Option<Version>, record: Record) -> Self {
        Self::Put { expected, record }
    }

    /// Returns the write that deletes the record of this version.
    #[must_use]
    pub const fn delete(key: Key, version: Version) -> Self {
        Self::Delete { key, version }
    }

    /// Returns the write that asserts an expectation and changes nothing.
    #[must_use]
    pub const fn keep(key: Key, expected: Option<Version>) -> Self {
        Self::Keep { key, expected }
    }

    /// Returns the key of the record.
    #[must_use]
    pub const fn key(&self) -> Key {
        match self {
            Self::Put { record, .. } => record.key,
            Self::Delete { key, .. } | Self::Keep { key, .. } => *key,
        }
    }

    /// Returns the expected version; `None` when there must be no record with the key.
    #[must_use]
    pub const fn expected(&self) -> Option<Version> {
        match self {
            Self::Put { expected, .. } | Self::Keep { expected, .. } => *expected,
            Self::Delete { version, .. } => Some(*version),
        }
    }
}

/// Writes of one shard, applied as a whole or not at all, with the version of the records put.
///
/// A batch has at least one write, and no key twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    shard: u16,
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
        let shard = writes.first().ok_or(BatchError::Empty)?.key().shard();
        for (index, write) in writes.iter().enumerate() {
            if write.key().shard() != shard {
                return Err(BatchError::SeveralShards);
            }
            if writes.iter().take(index).any(|earlier| earlier.key() == write.key()) {
                return Err(BatchError::RepeatedKey);
            }
        }
        Ok(Self { shard, version, writes })
    }

    /// Creates the batch that copies a record of another store, with the version there.
    pub(super) fn recreate(stored: Stored) -> Self {
        let Stored { record, version } = stored;
        Self { shard: record.key.shard(), version, writes: vec![Write::create(record)] }
    }

    /// Returns the shard of every write.
    #[must_use]
    pub const fn shard(&self) -> u16 {
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
    pub(crate) fn map_records(self, map: impl Fn(Record, Version) -> Record) -> Self {
        let Self { shard, version, writes } = self;
        let mapped = writes.into_iter().map(|write| match write {
            Write::Put { expected, record } => Write::Put { expected, record: map(record, version) },
            other @ (Write::Keep { .. } | Write::Delete { .. }) => other,
        });
        Self { shard, version, writes: mapped.collect() }
    }

    /// Returns the version and the writes, by value.
    #[must_use]
    pub fn into_parts(self) -> (Version, Vec<Write>) {
        (self.version, self.writes)
    }
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
