//! Values that must not be seen. `Debug` prints `[redacted]`, accidental comparison, cloning and serialization do not
//! compile, and memory is wiped on drop.

mod answer_data;

pub use answer_data::AnswerData;

use std::fmt;

use serde::de::{self, Unexpected};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use crate::typed::without_spaces;

/// A code, a link secret, or text submitted as an answer.
///
/// Secrets deserialize from a string, for use in request types, and never serialize.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Creates a secret from a code as typed or pasted by a person. Drops spaces of any kind and invisible characters.
    /// Arabic, Persian and full-width digits become ASCII digits.
    ///
    /// # Examples
    ///
    /// ```
    /// use challenges_core::Secret;
    ///
    /// assert_eq!(Secret::from_typed(" 123\u{a0}456\u{200b}").expose(), "123456");
    /// assert_eq!(Secret::from_typed("\u{ff11}\u{ff12}\u{ff13}\u{ff14}\u{ff15}\u{ff16}").expose(), "123456");
    /// ```
    #[must_use]
    pub fn from_typed(text: &str) -> Self {
        without_spaces(text).into()
    }

    /// Returns the text. Show the text to the intended person only.
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

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // With `deserialize_string`, the error of `serde_json` would quote a number, and a number may be a code.
        deserializer.deserialize_any(Text)
    }
}

struct Text;

impl de::Visitor<'_> for Text {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Secret, E> {
        Ok(text.into())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Secret, E> {
        Ok(text.into())
    }

    // The default methods below would quote the number too.

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Secret, E> {
        Err(E::invalid_type(Unexpected::Other("a number"), &self))
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Secret, E> {
        Err(E::invalid_type(Unexpected::Other("a number"), &self))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Secret, E> {
        Err(E::invalid_type(Unexpected::Other("a number"), &self))
    }
}

#[cfg(test)]
mod tests;
