//! What is asked for, in words for whoever decides.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Invalid;

/// What a challenge is about, for the page on which it is answered: one line of plain text, 1 to 500 characters, such as
/// `Pay 120 EUR to Bob`.
///
/// It shows whoever approves what they approve. So it holds nothing that would have it read otherwise than it is
/// written: no control characters, no line breaks, and none of the characters that turn the direction of text. It may
/// still hold `<` or `&`: escape it for where it is shown. It is stored as it is, so it is no place for secrets, and no
/// response of the API has it.
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
    /// The longest there is, in characters.
    pub const MAX: usize = 500;

    /// The description of that text.
    ///
    /// # Errors
    ///
    /// [`Invalid::Description`] when it is blank, longer than [`Description::MAX`], or holds a character that it may not.
    pub fn new(text: impl Into<String>) -> Result<Self, Invalid> {
        let text = text.into();
        let fits = text.chars().count() <= Self::MAX && text.chars().any(shows);
        if fits && !text.chars().any(misleads) { Ok(Self(text)) } else { Err(Invalid::Description) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether it is seen by itself: joiners and variation selectors only change what is beside them.
fn shows(character: char) -> bool {
    let changes = matches!(
        character,
        '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{200c}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}'
    );
    !character.is_whitespace() && !changes
}

/// Controls, line and paragraph separators, what is invisible by itself (`Default_Ignorable_Code_Point` of the Unicode
/// Character Database, and the empty pattern of Braille) except joiners and variation selectors, and every character of the
/// property `Bidi_Control` (Unicode Standard Annex 9, section 2).
const fn misleads(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e00ff}'
            | '\u{e01f0}'..='\u{e0fff}'
    )
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
