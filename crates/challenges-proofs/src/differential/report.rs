use std::collections::BTreeMap;
use std::fmt;

use challenges_core::Error;
use challenges_core::store::StoreError;
use proptest::test_runner::Reason;

use super::{AnswerType, Operation};

/// The totals of a comparison without differences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The number of sequences, each on new stores.
    pub sequences: usize,
    /// The number of operations in all sequences.
    pub operations: usize,
    /// The number of operations without an error.
    pub successes: usize,
    /// The number of passed challenges by answer type. A missing type was not covered.
    pub passed: BTreeMap<AnswerType, usize>,
    /// The number of records at the end of each sequence, summed up.
    pub records: usize,
    /// The number of stores compared with the reference.
    pub subjects: usize,
}

impl Report {
    pub(super) fn add(&mut self, sequence: Self) {
        self.sequences += sequence.sequences;
        self.operations += sequence.operations;
        self.successes += sequence.successes;
        self.records += sequence.records;
        for (kind, count) in sequence.passed {
            *self.passed.entry(kind).or_default() += count;
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sequences, operations, successes, passed, records, subjects } = self;
        write!(
            f,
            "{operations} operations in {sequences} sequences, {successes} without an error; passed challenges:"
        )?;
        for (kind, count) in passed {
            write!(f, " {count} {kind}")?;
        }
        write!(f, "; {records} final records; {subjects} stores compared with the reference, 0 differences")
    }
}

/// The reason for a failed comparison.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// A store differs from the reference.
    #[error(transparent)]
    Difference(Box<Difference>),
    /// No service could be built on a store.
    #[error("cannot build a service on the store {store:?}")]
    Build {
        /// The name of the store.
        store: String,
        /// The cause.
        source: Error,
    },
    /// The final records of a store could not be read.
    #[error("cannot read the final records of the store {store:?}")]
    Read {
        /// The name of the store.
        store: String,
        /// The cause.
        source: StoreError,
    },
    /// No sequence could be generated.
    #[error("cannot generate operations: {0}")]
    Draw(Reason),
}

/// A difference between a store and the reference, with the shortest known sequence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct Difference {
    /// The name of the store.
    pub store: String,
    /// The seed of the operations and of the services' entropy.
    pub seed: u64,
    /// The operations. The store differs after the last operation.
    pub operations: Vec<Operation>,
    /// The result of the last operation on the reference, or the final record in the reference.
    pub expected: String,
    /// The result of the last operation on the store, or the final record in the store.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { store, seed, operations, expected, found } = self;
        writeln!(f, "the store {store:?} differs from the reference (seed {seed}) after:")?;
        for operation in operations {
            writeln!(f, "  {operation:?}")?;
        }
        write!(f, "expected: {expected}\nfound:    {found}")
    }
}
