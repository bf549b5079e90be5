//! Parsing of replies into records and entries. Replies are untrusted: anyone with write access to Redis controls them.

use challenges_core::store::{Id, Stored};
use redis::Value;

use crate::value::{self, Corruption};

/// Parses a reply of alternating fields and values. Refuses records of shards for which `is_here` returns false.
pub(crate) fn records(answers: Vec<Value>, is_here: impl Fn(u16) -> bool) -> Result<Vec<Stored>, Corruption> {
    let Some(Value::Array(values)) = answers.into_iter().next() else { return Err(Corruption::Answer) };
    let mut values = values.into_iter();
    let mut records = Vec::with_capacity(values.len() / 2);
    while let Some(field) = values.next() {
        let value = values.next().ok_or(Corruption::Answer)?;
        let stored = value::decode(&bytes(field)?, bytes(value)?)?;
        value::check_shard(&stored, &is_here)?;
        records.push(stored);
    }
    Ok(records)
}

pub(crate) fn bytes(value: Value) -> Result<Vec<u8>, Corruption> {
    match value {
        Value::BulkString(bytes) => Ok(bytes),
        _ => Err(Corruption::Answer),
    }
}

/// Parses a reply of index entries.
pub(crate) fn entries(answer: Value) -> Result<Vec<String>, Corruption> {
    redis::from_redis_value(answer).map_err(|_| Corruption::Answer)
}

/// Returns the shard of the record id at the end of an entry.
pub(crate) fn shard_of(entry: &str) -> Option<u16> {
    let id: Id = entry.rsplit(':').next()?.parse().ok()?;
    Some(id.shard())
}
