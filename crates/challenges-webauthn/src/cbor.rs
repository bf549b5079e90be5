use std::collections::BTreeSet;

use minicbor::Decoder;
use minicbor::data::Type;

/// The maximum nesting of arrays and maps (CTAP 2.2 section 8).
const MAX_DEPTH: u8 = 4;

/// CBOR that is malformed, or outside of CTAP's encoding.
#[derive(Debug)]
pub(crate) struct Malformed;

impl From<minicbor::decode::Error> for Malformed {
    fn from(_: minicbor::decode::Error) -> Self {
        Self
    }
}

/// Splits an item (RFC 8949) off the front and checks the encoding.
///
/// An item must follow CTAP's message encoding:
///
/// - definite lengths and no tags,
/// - unique keys that are integers or text,
/// - at most four levels.
///
/// The order of keys and the width of numbers are not checked, because authenticators differ.
pub(crate) fn split_item(bytes: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let mut decoder = Decoder::new(bytes);
    skip(&mut decoder, MAX_DEPTH)?;
    bytes.split_at_checked(decoder.position()).ok_or(Malformed)
}

/// Splits a map with text keys off the front, with the checks of [`split_item`].
pub(crate) fn split_text_map(bytes: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let (map, rest) = split_item(bytes)?;
    let mut decoder = Decoder::new(map);
    for _ in 0..map_length(&mut decoder)? {
        decoder.str()?;
        skip(&mut decoder, MAX_DEPTH)?;
    }
    Ok((map, rest))
}

/// Enters a map of definite length and returns the number of entries.
pub(crate) fn map_length(decoder: &mut Decoder<'_>) -> Result<u64, Malformed> {
    decoder.map()?.ok_or(Malformed)
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Integer(i64),
    Text(&'a str),
}

fn skip(decoder: &mut Decoder<'_>, depth: u8) -> Result<(), Malformed> {
    match decoder.datatype()? {
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 => {
            decoder.int()?;
        }
        Type::Bytes => {
            decoder.bytes()?;
        }
        Type::String => {
            decoder.str()?;
        }
        Type::Bool | Type::Null | Type::F16 | Type::F32 | Type::F64 => decoder.skip()?,
        Type::Array => {
            let depth = depth.checked_sub(1).ok_or(Malformed)?;
            for _ in 0..decoder.array()?.ok_or(Malformed)? {
                skip(decoder, depth)?;
            }
        }
        Type::Map => {
            let depth = depth.checked_sub(1).ok_or(Malformed)?;
            let mut keys = BTreeSet::new();
            for _ in 0..map_length(decoder)? {
                let key = match decoder.datatype()? {
                    Type::String => Key::Text(decoder.str()?),
                    _ => Key::Integer(decoder.i64()?),
                };
                if !keys.insert(key) {
                    return Err(Malformed);
                }
                skip(decoder, depth)?;
            }
        }
        _ => return Err(Malformed),
    }
    Ok(())
}

#[cfg(test)]
mod tests;
