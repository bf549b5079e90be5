use zeroize::Zeroizing;

use crate::entropy::{self, Entropy, NoEntropy};
use crate::secret::Secret;
use crate::typed::{ascii_digit, is_space};

/// The digits of Crockford's base 32. Of the letters that look like a digit, `I`, `L` and `O` are left out and read as
/// the digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The number of characters: 60 bits.
const LENGTH: usize = 12;
/// The number of characters between two dashes.
const GROUP: usize = 4;

/// A recovery code in the form to compare: 12 digits and capitals, without dashes.
pub(super) struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    /// Draws a code.
    pub(super) fn generate(entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        entropy::characters(entropy, ALPHABET, LENGTH).map(Zeroizing::new).map(Self)
    }

    /// Reads a code as typed or pasted: in any case, with spaces and dashes anywhere, digits of other keyboards, `O` for `0`, and `I` or `L` for
    /// `1`. Returns `None` for any other text.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut code = Zeroizing::new(String::with_capacity(LENGTH));
        for character in text.chars().filter(|character| !is_space(*character) && !is_dash(*character)) {
            let character = match ascii_digit(character).to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let known = u8::try_from(character).is_ok_and(|byte| ALPHABET.contains(&byte));
            if !known || code.len() == LENGTH {
                return None;
            }
            code.push(character);
        }
        (code.len() == LENGTH).then_some(Self(code))
    }

    /// Returns the form to compare.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the form to show: three groups of four characters.
    pub(super) fn grouped(&self) -> Secret {
        let mut grouped = String::with_capacity(LENGTH + LENGTH / GROUP);
        for (index, character) in self.0.chars().enumerate() {
            if index > 0 && index % GROUP == 0 {
                grouped.push('-');
            }
            grouped.push(character);
        }
        grouped.into()
    }
}

/// Returns whether people and word processors write the character for a dash.
const fn is_dash(character: char) -> bool {
    matches!(
        character,
        '-' | '_' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    )
}

#[cfg(test)]
mod tests;
