//! Values that must not be seen: they print as `[redacted]`, cannot be compared, copied or serialized by accident, and
//! are wiped when dropped.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::Invalid;

/// A code, a link secret, or what somebody claims to be one.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself. Hand it to the person that it is for and to nobody else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self(Zeroizing::new(text.into()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

/// A JSON object that is handed out once, with the accepted answer.
pub struct AnswerData(Zeroizing<String>);

impl AnswerData {
    /// How deep objects and arrays may be nested: what is handed out is to be readable by any client.
    pub const MAX_DEPTH: usize = 100;

    /// The object that `value` serializes to.
    ///
    /// # Errors
    ///
    /// [`Invalid::AnswerData`] when it does not serialize to a JSON object, [`Invalid::AnswerDataTooDeep`] when that is
    /// nested deeper than [`AnswerData::MAX_DEPTH`].
    pub fn new(value: &impl Serialize) -> Result<Self, Invalid> {
        let text = Zeroizing::new(serde_json::to_string(value).map_err(|_| Invalid::AnswerData)?);
        if !text.starts_with('{') {
            return Err(Invalid::AnswerData);
        }
        if depth(&text) > Self::MAX_DEPTH {
            return Err(Invalid::AnswerDataTooDeep { max: Self::MAX_DEPTH });
        }
        Ok(Self(text))
    }

    /// The object as JSON text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The object as a value of your own type.
    ///
    /// # Errors
    ///
    /// The error of `serde_json` when the object does not have that shape.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0)
    }

    /// What was sealed by us, and so is an object still.
    pub(crate) fn from_sealed(mut bytes: Zeroizing<Vec<u8>>) -> Option<Self> {
        let text = String::from_utf8(std::mem::take(&mut bytes)).map_err(|error| error.into_bytes().zeroize()).ok()?;
        Some(Self(Zeroizing::new(text)))
    }
}

impl fmt::Debug for AnswerData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnswerData([redacted])")
    }
}

/// How deep objects and arrays of a JSON text are nested. Text that is kept as it came was read without any limit.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_string, mut is_escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

#[cfg(test)]
mod tests;
