//! The layout of records in Redis: keys, fields and index entries.
//!
//! A partition holds four shards, in four keys with the same hash tag, the number of the partition:
//!
//! | key | type | content |
//! |---|---|---|
//! | `challenges:{017}:records` | hash | `KIND:ID` to version, due, expires (fixed width) and body; readable with `HGET`; and `store`, the [mark](crate::marks) |
//! | `challenges:{017}:index` | sorted set | `KIND:TAG:ID`: the records of an owner, and of all owners, in order |
//! | `challenges:{017}:due` | sorted set | `KIND:TIME:ID` |
//! | `challenges:{017}:expires` | sorted set | `TIME:KIND:ID` |
//!
//! All entries of a sorted set have the same score, so Redis sorts them by bytes. Numbers have a fixed width, so byte
//! order is numeric order. Times cannot be scores, because a score is a 64-bit float and rounds large times.
//!
//! With 256 partitions, a due query sends one small request per partition, all in one round trip, and a second round
//! trip only if records are due.

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use challenges_core::Timestamp;
use challenges_core::store::{Id, Key, Kind};

/// The number of partitions. Never changes, because keys depend on it.
pub(crate) const PARTITIONS: u16 = 256;

const SHARDS_EACH: u16 = Id::SHARDS / PARTITIONS;

/// The width of a time, in decimal digits of a `u64`.
pub(crate) const TIME: usize = 20;

/// The keys of a store, formatted once for use in every command.
pub(crate) struct Layout {
    prefix: String,
    keys: Box<[[String; 4]; PARTITIONS as usize]>,
    /// The marks of the partitions, each empty until read from the server.
    marks: Box<[OnceLock<String>; PARTITIONS as usize]>,
}

/// A group of shards stored under the same keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Partition<'a> {
    keys: &'a [String; 4],
    mark: &'a OnceLock<String>,
    number: u16,
}

impl Layout {
    pub(crate) fn new(prefix: String) -> Self {
        let keys = std::array::from_fn(|number| {
            ["records", "index", "due", "expires"].map(|set| format!("{prefix}:{{{number:03}}}:{set}"))
        });
        let marks = Box::new(std::array::from_fn(|_| OnceLock::new()));
        Self { keys: Box::new(keys), prefix, marks }
    }

    /// Returns the partition of a shard.
    pub(crate) fn partition_of(&self, shard: u16) -> Partition<'_> {
        self.partition(shard / SHARDS_EACH)
    }

    /// Returns the partitions of `shards`, in order.
    pub(crate) fn partitions_of(&self, shards: &Range<u16>) -> Vec<Partition<'_>> {
        let numbers = shards.start / SHARDS_EACH..shards.end.min(Id::SHARDS).div_ceil(SHARDS_EACH);
        let numbers = if shards.is_empty() { 0..0 } else { numbers };
        numbers.map(|number| self.partition(number)).collect()
    }

    fn partition(&self, number: u16) -> Partition<'_> {
        // The fallback is never used: a shard's number is below Id::SHARDS, so `number` is below PARTITIONS.
        let ([first, ..], [first_mark, ..]) = (&*self.keys, &*self.marks);
        let place = usize::from(number);
        let mark = self.marks.get(place).unwrap_or(first_mark);
        Partition { keys: self.keys.get(place).unwrap_or(first), mark, number }
    }
}

impl fmt::Debug for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layout").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl<'a> Partition<'a> {
    /// The key of the hash of records.
    pub(crate) fn records(&self) -> &'a str {
        let [records, ..] = self.keys;
        records
    }

    /// The key of the index by owner.
    pub(crate) fn index(&self) -> &'a str {
        let [_, index, ..] = self.keys;
        index
    }

    /// The key of the index by due time.
    pub(crate) fn due(&self) -> &'a str {
        let [_, _, due, _] = self.keys;
        due
    }

    /// The key of the index by expiry.
    pub(crate) fn expires(&self) -> &'a str {
        let [.., expires] = self.keys;
        expires
    }

    /// All four keys, in the order of the scripts' `KEYS`.
    pub(crate) const fn keys(&self) -> &'a [String; 4] {
        self.keys
    }

    /// The mark that the partition must carry, once read.
    pub(crate) const fn mark(&self) -> &'a OnceLock<String> {
        self.mark
    }

    pub(crate) const fn holds(&self, shard: u16) -> bool {
        shard / SHARDS_EACH == self.number
    }
}

/// Returns the hash field of a record.
pub(crate) fn field(key: Key) -> String {
    [key.kind.code().to_string().as_str(), ":", key.id.encode().as_str()].concat()
}

/// Parses a hash field.
pub(crate) fn key(field: &str) -> Option<Key> {
    let (kind, id) = field.split_once(':')?;
    Some(Key::new(Kind::from_code(kind.parse().ok()?)?, id.parse().ok()?))
}

/// Returns the prefix of a kind's entries in `index` and `due`.
pub(crate) fn kind_prefix(kind: Kind) -> String {
    format!("{}:", kind.code())
}

/// Returns the prefix of an owner's entries of a kind in `index`.
pub(crate) fn owner_prefix(kind: Kind, owner: u64) -> String {
    let id = Id::new(Timestamp::default(), owner, 0).encode();
    format!("{}:{}:", kind.code(), id.as_str().get(7..18).unwrap_or_default())
}

/// Formats a time for an entry or a value.
pub(crate) fn time(time: Timestamp) -> String {
    format!("{:0TIME$}", time.as_millis())
}

#[cfg(test)]
mod tests;
