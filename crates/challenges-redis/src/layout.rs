//! Where records stand: keys, fields and the entries of the indices.
//!
//! Shards are kept four to a partition, and a partition in four keys of one hash tag: a hash of the records, and three
//! sorted sets of equal scores, which Redis keeps in the order of their members' bytes. Numbers are written with a fixed
//! width, so that this is the order of the numbers.

use std::fmt;
use std::ops::Range;

use challenges_core::store::{Key, Kind};
use challenges_core::{Id, OwnerTag, SHARDS, Shard, Timestamp};

/// How many partitions there are. It never changes: keys depend on it.
pub(crate) const PARTITIONS: u16 = 256;

const SHARDS_EACH: u16 = SHARDS / PARTITIONS;

/// The digits of a time: enough for the latest one.
pub(crate) const TIME: usize = 20;

/// The keys of a store, written out once: every command names some.
pub(crate) struct Layout {
    prefix: String,
    keys: Box<[[String; 4]; PARTITIONS as usize]>,
}

/// Some shards whose records share their keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Partition<'a> {
    keys: &'a [String; 4],
    number: u16,
}

impl Layout {
    pub(crate) fn new(prefix: String) -> Self {
        let keys = std::array::from_fn(|number| {
            ["records", "index", "due", "expires"].map(|set| format!("{prefix}:{{{number:03}}}:{set}"))
        });
        Self { keys: Box::new(keys), prefix }
    }

    /// The partition of a shard.
    pub(crate) fn of(&self, shard: Shard) -> Partition<'_> {
        self.partition(shard.number() / SHARDS_EACH)
    }

    /// The partitions of those shards, in order.
    pub(crate) fn of_all(&self, shards: &Range<u16>) -> Vec<Partition<'_>> {
        let numbers = shards.start / SHARDS_EACH..shards.end.min(SHARDS).div_ceil(SHARDS_EACH);
        let numbers = if shards.is_empty() { 0..0 } else { numbers };
        numbers.map(|number| self.partition(number)).collect()
    }

    fn partition(&self, number: u16) -> Partition<'_> {
        // A shard's number is below SHARDS, so that of its partition is below PARTITIONS.
        let [first, ..] = &*self.keys;
        Partition { keys: self.keys.get(usize::from(number)).unwrap_or(first), number }
    }
}

impl fmt::Debug for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layout").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl<'a> Partition<'a> {
    /// Hash: `KIND:ID` to version, times and body.
    pub(crate) fn records(&self) -> &'a str {
        let [records, ..] = self.keys;
        records
    }

    /// Sorted set: `KIND:TAG:ID`.
    pub(crate) fn index(&self) -> &'a str {
        let [_, index, ..] = self.keys;
        index
    }

    /// Sorted set: `KIND:TIME:ID`.
    pub(crate) fn due(&self) -> &'a str {
        let [_, _, due, _] = self.keys;
        due
    }

    /// Sorted set: `TIME:KIND:ID`.
    pub(crate) fn expires(&self) -> &'a str {
        let [.., expires] = self.keys;
        expires
    }

    /// All four, in the order in which scripts take them.
    pub(crate) const fn keys(&self) -> &'a [String; 4] {
        self.keys
    }

    pub(crate) const fn number(&self) -> u16 {
        self.number
    }

    pub(crate) const fn holds(&self, shard: Shard) -> bool {
        shard.number() / SHARDS_EACH == self.number
    }
}

/// The name of a record within its partition.
pub(crate) fn field(key: Key) -> String {
    [key.kind.code().to_string().as_str(), ":", key.id.encode().as_str()].concat()
}

/// The key that a field names.
pub(crate) fn key(field: &str) -> Option<Key> {
    let (kind, id) = field.split_once(':')?;
    Some(Key::new(Kind::from_code(kind.parse().ok()?)?, id.parse().ok()?))
}

/// How the entries of a kind begin.
pub(crate) fn of_kind(kind: Kind) -> String {
    format!("{}:", kind.code())
}

/// How the entries of an owner's records of a kind begin in the index.
pub(crate) fn of_owner(kind: Kind, owner: OwnerTag) -> String {
    let id = Id::new(Timestamp::default(), owner, 0).encode();
    format!("{}:{}:", kind.code(), id.as_str().get(7..18).unwrap_or_default())
}

/// A time in an entry.
pub(crate) fn time(time: Timestamp) -> String {
    format!("{:0TIME$}", time.as_millis())
}

#[cfg(test)]
mod tests;
