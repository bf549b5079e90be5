use std::collections::{BTreeMap, HashSet};

use challenges_core::Timestamp;
use challenges_core::store::Key;

use crate::owners::BuildUniformHasher;

/// An index of records by approximate expiry, in buckets of 65,536 milliseconds.
///
/// A record usually stays in the same bucket when its expiry moves by seconds, and adding a record is a hash insert.
/// A candidate may expire later than asked for, so callers check the record.
#[derive(Debug, Default)]
pub(crate) struct Expiry(BTreeMap<u64, HashSet<Key, BuildUniformHasher>>);

impl Expiry {
    /// Moves a record from one expiry to another. `None` means that the record has no expiry or does not exist.
    pub(crate) fn change(&mut self, key: Key, from: Option<Timestamp>, to: Option<Timestamp>) {
        let (from, to) = (from.map(bucket), to.map(bucket));
        if from == to {
            return;
        }
        if let Some(from) = from
            && let Some(keys) = self.0.get_mut(&from)
        {
            keys.remove(&key);
            if keys.is_empty() {
                self.0.remove(&from);
            }
        }
        if let Some(to) = to {
            self.0.entry(to).or_default().insert(key);
        }
    }

    /// Returns the records that may expire before `before`, earliest bucket first.
    pub(crate) fn candidates(&self, before: Timestamp) -> impl Iterator<Item = Key> {
        self.0.range(..=bucket(before)).flat_map(|(_, keys)| keys.iter().copied())
    }
}

const fn bucket(time: Timestamp) -> u64 {
    time.as_millis() >> 16
}
