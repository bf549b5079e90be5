//! The stored form of a record: version (32 hexadecimal digits), due and expires (20 digits or 20 dashes each), body.

use bytes::{Buf as _, Bytes};
use challenges_core::Timestamp;
use challenges_core::store::{Key, Record, Stored};

use crate::layout::{self, TIME};

const VERSION: usize = 32;
const HEADER: usize = VERSION + 2 * TIME;
const NONE: &str = "--------------------";

/// A reason why a reply or a stored value is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Corruption {
    #[error("a field is not a valid record key, or its kind is unknown to this release")]
    Field,
    #[error("a record is stored in the wrong partition for its id")]
    Partition,
    #[error("the value of {0:?} has no valid header of a version and two times")]
    Header(Key),
    #[error("Redis returned a reply of an unexpected type")]
    Answer,
}

pub(crate) fn version(version: &[u8; 16]) -> String {
    let mut text = String::with_capacity(VERSION);
    for byte in version {
        text.extend([byte >> 4, byte & 0xf].into_iter().filter_map(|digit| char::from_digit(digit.into(), 16)));
    }
    text
}

pub(crate) fn encode(version: &str, record: &Record) -> Vec<u8> {
    let mut value = Vec::with_capacity(HEADER + record.body.len());
    value.extend_from_slice(version.as_bytes());
    for time in [record.due, record.expires] {
        match time {
            Some(time) => value.extend_from_slice(layout::time(time).as_bytes()),
            None => value.extend_from_slice(NONE.as_bytes()),
        }
    }
    value.extend_from_slice(&record.body);
    value
}

pub(crate) fn decode(field: &[u8], value: Vec<u8>) -> Result<Stored, Corruption> {
    let key = std::str::from_utf8(field).ok().and_then(layout::key).ok_or(Corruption::Field)?;
    let (version, due, expires) = decode_header(&value).ok_or(Corruption::Header(key))?;
    let mut body = Bytes::from(value);
    body.advance(HEADER);
    Ok(Stored { record: Record { key, due, expires, body }, version })
}

/// Checks that a record belongs to the partition where it was found.
pub(crate) fn check_shard(stored: &Stored, is_here: impl FnOnce(u16) -> bool) -> Result<(), Corruption> {
    if is_here(stored.record.key.shard()) { Ok(()) } else { Err(Corruption::Partition) }
}

fn decode_header(value: &[u8]) -> Option<([u8; 16], Option<Timestamp>, Option<Timestamp>)> {
    let header = std::str::from_utf8(value.get(..HEADER)?).ok()?;
    let (version, times) = header.split_at_checked(VERSION)?;
    let (due, expires) = times.split_at_checked(TIME)?;
    Some((decode_version(version)?, decode_time(due)?, decode_time(expires)?))
}

fn decode_version(text: &str) -> Option<[u8; 16]> {
    // `from_str_radix` accepts a sign.
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u128::from_str_radix(text, 16).ok().filter(|_| is_hex)?;
    Some(number.to_be_bytes())
}

fn decode_time(text: &str) -> Option<Option<Timestamp>> {
    if text == NONE {
        return Some(None);
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number).map(|millis| Some(Timestamp::from_millis(millis)))
}

#[cfg(test)]
mod tests;
