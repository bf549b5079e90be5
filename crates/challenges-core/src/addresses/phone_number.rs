use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Invalid;
use crate::typed::without_spaces;

/// A phone number in the E.164 form: `+` and 7 to 15 digits, the first not 0.
///
/// [`str::parse`] takes this form only. For a number as typed by a person, call [`PhoneNumber::from_typed`].
///
/// `Debug` prints no digit.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Parses a number as typed or pasted by a person, with the country code after a `+`.
    ///
    /// Drops spaces, invisible characters, parentheses, dots, slashes and dashes of any kind, and the `(0)` of
    /// `+44 (0)20 7946 0000`, which is dialed only within the country.
    ///
    /// # Errors
    ///
    /// [`Invalid::PhoneNumber`] if the rest is not a number in the E.164 form. A number without `+` is an error,
    /// because the country would be a guess.
    ///
    /// # Examples
    ///
    /// ```
    /// use challenges_core::endpoints::PhoneNumber;
    ///
    /// assert_eq!(PhoneNumber::from_typed("+44 (0)20 7946-0000")?.as_str(), "+442079460000");
    /// # Ok::<(), challenges_core::Invalid>(())
    /// ```
    pub fn from_typed(text: &str) -> Result<Self, Invalid> {
        let text = without_spaces(text);
        let text = match text.split_once("(0)") {
            Some((country, rest)) if is_country_code(&without_separators(country)) => format!("{country}{rest}"),
            _ => text,
        };
        without_separators(&text).parse()
    }

    /// Returns the number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PhoneNumber {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits = text.strip_prefix('+').ok_or(Invalid::PhoneNumber)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
        if plain && (7..=15).contains(&digits.len()) { Ok(Self(text.to_owned())) } else { Err(Invalid::PhoneNumber) }
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber([redacted])")
    }
}

fn is_country_code(text: &str) -> bool {
    text.strip_prefix('+')
        .is_some_and(|code| (1..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit()))
}

fn without_separators(text: &str) -> String {
    text.chars().filter(|character| !is_separator(*character)).collect()
}

/// Returns whether people write the character between the digits of a number.
const fn is_separator(character: char) -> bool {
    matches!(character, '(' | ')' | '.' | '/' | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}')
}

#[cfg(test)]
mod tests;
