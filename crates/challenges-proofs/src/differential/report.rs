use std::collections::BTreeMap;
use std::fmt;

use challenges_core::store::StoreError;
use challenges_core::{BuildError, ChallengeType};
use proptest::test_runner::Reason;

use super::Operation;

/// What was compared, and found to be the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Sequences, each on new stores.
    pub sequences: usize,
    /// Operations of all of them.
    pub operations: usize,
    /// Those of them that were no error.
    pub successes: usize,
    /// Challenges that were passed, by the type that answered: where one is missing, it was not tried in earnest.
    pub passed: BTreeMap<ChallengeType, usize>,
    /// Records that stood at the ends of the sequences.
    pub records: usize,
    /// Stores beside the reference.
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
        write!(f, "{operations} operations in {sequences} sequences, {successes} without an error, passed:")?;
        for (kind, count) in passed {
            write!(f, " {count} {kind}")?;
        }
        write!(f, "; {records} records at the end; {subjects} stores beside the reference, 0 differences")
    }
}

/// Why stores were not found to be the same.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// They are not.
    #[error(transparent)]
    Difference(Box<Difference>),
    /// No service could be built on one of them.
    #[error("no service can be built on the store {store:?}")]
    Build {
        /// The store.
        store: String,
        /// Why.
        source: BuildError,
    },
    /// What one of them holds in the end could not be read.
    #[error("the store {store:?} cannot be read")]
    Read {
        /// The store.
        store: String,
        /// Why.
        source: StoreError,
    },
    /// No sequence could be drawn.
    #[error("no operations could be drawn: {0}")]
    Draw(Reason),
}

/// Where a store differs from the reference: the shortest sequence that was found to show it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct Difference {
    /// The store.
    pub store: String,
    /// The seed of the sequence: of its operations, and of the entropy of its services.
    pub seed: u64,
    /// The operations. After the last of them, the store differs.
    pub operations: Vec<Operation>,
    /// What the reference told of the last operation, or holds after it.
    pub expected: String,
    /// What the store told or holds.
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
