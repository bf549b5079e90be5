//! Order-preserving conversion of unsigned numbers to PostgreSQL's signed integers.

use std::ops::{Range, RangeInclusive};

use challenges_core::Timestamp;
use challenges_core::store::Id;

const SIGN: u64 = 1 << 63;

const fn from_unsigned(value: u64) -> i64 {
    (value ^ SIGN).cast_signed()
}

const fn to_unsigned(value: i64) -> u64 {
    value.cast_unsigned() ^ SIGN
}

pub(crate) const fn from_time(time: Timestamp) -> i64 {
    from_unsigned(time.as_millis())
}

pub(crate) const fn to_time(value: i64) -> Timestamp {
    Timestamp::from_millis(to_unsigned(value))
}

pub(crate) const fn from_owner(owner: u64) -> i64 {
    from_unsigned(owner)
}

/// Returns the range of owner tags in `shards`, or `None` for an empty range. A shard is the first ten bits of a tag.
pub(crate) fn from_shards(shards: &Range<u16>) -> Option<RangeInclusive<i64>> {
    let last = shards.end.min(Id::SHARDS).checked_sub(1).filter(|last| *last >= shards.start)?;
    let first_tag = |shard: u16| u64::from(shard) << 54;
    Some(from_unsigned(first_tag(shards.start))..=from_unsigned(first_tag(last) | (u64::MAX >> 10)))
}

pub(crate) fn from_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
