use std::collections::{BTreeMap, HashSet};

use challenges_core::Timestamp;
use challenges_core::store::Key;

use crate::owners::Spread;

/// Which records expire about when.
///
/// The time is cut into buckets of about a minute: a record that is written again with a slightly later expiry mostly
/// stays where it is, and adding one is a hash insert. What is in a due bucket has to be checked against the record.
#[derive(Debug, Default)]
pub(crate) struct Expiry(BTreeMap<u64, HashSet<Key, Spread>>);

impl Expiry {
    /// Moves a record from one expiry to another; `None` where it has none or does not exist.
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

    /// The records that may expire before that time, the earliest buckets first.
    pub(crate) fn candidates(&self, before: Timestamp) -> impl Iterator<Item = Key> {
        self.0.range(..=bucket(before)).flat_map(|(_, keys)| keys.iter().copied())
    }
}

const fn bucket(time: Timestamp) -> u64 {
    time.as_millis() >> 16
}
