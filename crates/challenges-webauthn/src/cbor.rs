use std::collections::BTreeSet;

use minicbor::Decoder;
use minicbor::data::Type;

/// How deep arrays and maps may nest (CTAP 2.2 section 8).
const MAX_DEPTH: u8 = 4;

/// Bytes that are not what authenticators write.
#[derive(Debug)]
pub(crate) struct Malformed;

impl From<minicbor::decode::Error> for Malformed {
    fn from(_: minicbor::decode::Error) -> Self {
        Self
    }
}

/// Splits one item (RFC 8949) off the front, without reading what it holds.
///
/// Taken is what the message encoding of CTAP allows: definite lengths, no tags, keys that are integers or text, none of
/// them twice, four levels. The order of keys and the width of numbers are left free, as authenticators differ in them.
pub(crate) fn split_item(bytes: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let mut decoder = Decoder::new(bytes);
    skip(&mut decoder, MAX_DEPTH)?;
    bytes.split_at_checked(decoder.position()).ok_or(Malformed)
}

/// Splits one map off the front, as [`split_item`] does, of which all keys are text.
pub(crate) fn split_text_map(bytes: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let (map, rest) = split_item(bytes)?;
    let mut decoder = Decoder::new(map);
    for _ in 0..map_length(&mut decoder)? {
        decoder.str()?;
        skip(&mut decoder, MAX_DEPTH)?;
    }
    Ok((map, rest))
}

/// Enters a map of definite length.
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
