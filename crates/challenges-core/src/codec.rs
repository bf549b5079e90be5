//! Bodies of records: JSON readable by an operator, starting with the version of the format.

use bytes::Bytes;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::Error;
use crate::keyring::untrusted;

/// The format version of written bodies. Reading any other version is an error, never a guess.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form;

const FORM: u8 = 1;

impl Serialize for Form {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(FORM)
    }
}

impl<'de> Deserialize<'de> for Form {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? {
            form if form == u64::from(FORM) => Ok(Self),
            form => Err(D::Error::custom(format_args!("unknown record format {form}; this version reads {FORM}"))),
        }
    }
}

/// Writes a body.
pub(crate) fn encode(body: &impl Serialize) -> Result<Bytes, Error> {
    let mut bytes = Vec::with_capacity(640);
    serde_json::to_writer(&mut bytes, body).map_err(Error::Body)?;
    // A store may hold these very bytes for long, so spare capacity is given back.
    Ok(bytes.into_boxed_slice().into())
}

/// Reads a body. The body of a record that did not verify is an error.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    match untrusted::reason(body) {
        Some(reason) => Err(reason.into()),
        None => serde_json::from_slice(body).map_err(Error::Body),
    }
}

/// Returns whether a field with default `false` is left out.
pub(crate) fn is_false(value: &bool) -> bool {
    !value
}

/// Returns whether a field with default zero is left out.
pub(crate) fn is_zero(value: &u32) -> bool {
    *value == 0
}
