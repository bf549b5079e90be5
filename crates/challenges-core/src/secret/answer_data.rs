use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::Invalid;

/// A JSON object, handed out once with the accepted answer.
pub struct AnswerData(Zeroizing<String>);

impl AnswerData {
    /// The maximum nesting of objects and arrays, so that any client can read the object.
    pub const MAX_DEPTH: usize = 100;

    /// Creates the object that `value` serializes to.
    ///
    /// # Errors
    ///
    /// - [`Invalid::AnswerData`] when `value` does not serialize to a JSON object.
    /// - [`Invalid::AnswerDataTooDeep`] when the object is nested deeper than [`AnswerData::MAX_DEPTH`].
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

    /// Returns the object as JSON text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the object as a value of your own type.
    ///
    /// # Errors
    ///
    /// The error of `serde_json` when the object does not fit the type.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0)
    }

    /// Restores a sealed object, checked at creation.
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

/// Returns the nesting of objects and arrays in a JSON text. Raw JSON passes through `serde_json` without a depth
/// limit.
pub(super) fn depth(json: &str) -> usize {
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
