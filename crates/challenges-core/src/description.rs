//! The description of a challenge, for the person who decides.

mod characters;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Invalid;
use characters::{is_visible, misleads};

/// The subject of a challenge for the answer page, such as `Pay 120 EUR to Bob`, or the label of a
/// [trusted device](crate::devices): one line of plain text, 1 to 500 characters.
///
/// Approvers rely on this text, so it must read as it was written. Control characters, line breaks, invisible
/// characters and characters that change the text direction are refused. `<` and `&` are allowed, so escape the text
/// for display. Descriptions are stored in the clear, so keep secrets out. No response of the API contains a
/// description.
///
/// # Examples
///
/// ```
/// use challenges_core::Description;
///
/// # fn main() -> Result<(), challenges_core::Invalid> {
/// assert_eq!(Description::new("Pay 120 EUR to Bob")?.as_str(), "Pay 120 EUR to Bob");
/// assert!(Description::new("Pay 120 EUR to \u{202e}boB").is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Description(String);

impl Description {
    /// The maximum length, in characters.
    pub const MAX: usize = 500;

    /// Creates a description.
    ///
    /// # Errors
    ///
    /// [`Invalid::Description`] when the text is blank, longer than [`Description::MAX`], or contains a refused
    /// character.
    pub fn new(text: impl Into<String>) -> Result<Self, Invalid> {
        let text = text.into();
        let fits = text.chars().count() <= Self::MAX && text.chars().any(is_visible);
        if fits && !text.chars().any(misleads) { Ok(Self(text)) } else { Err(Invalid::Description) }
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Description {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::new(text)
    }
}

impl TryFrom<String> for Description {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests;
