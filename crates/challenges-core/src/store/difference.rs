use std::collections::BTreeMap;

use super::{Key, Kind};

/// The maximum number of listed differences. Further differences are only counted.
const MAX_LISTED: usize = 100;

/// The differences between two stores.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Comparison {
    /// The number of records that both stores list with the same version, times and body, by kind.
    #[doc(hidden)]
    pub alike: BTreeMap<Kind, usize>,
    /// The number of differences.
    pub different: usize,
    /// The first hundred differences.
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// Adds a difference.
    pub(super) fn note(&mut self, key: Key, view: View, what: Discrepancy) {
        self.different = self.different.saturating_add(1);
        if self.differences.len() < MAX_LISTED {
            self.differences.push(Difference { key, view, what });
        }
    }
}

/// A difference between two stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The key of the record.
    pub key: Key,
    /// The way of reading that shows the difference.
    #[doc(hidden)]
    pub view: View,
    /// The difference.
    #[doc(hidden)]
    pub what: Discrepancy,
}

/// A way of reading a store. Each may use a different index.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum View {
    /// [`Store::list`](super::Store::list) over all owners.
    Listed,
    /// [`Store::load`](super::Store::load) by key.
    Loaded,
    /// [`Store::load`](super::Store::load) of all records of the owner of the kind.
    Owned,
    /// [`Store::due`](super::Store::due).
    Due,
}

/// The state of a record of the target.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Discrepancy {
    /// Only the source has the record.
    Missing,
    /// Only the target has the record.
    Extra,
    /// The records differ in version, times or body.
    Changed,
}
