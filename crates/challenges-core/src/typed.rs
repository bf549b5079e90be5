//! Codes and numbers as typed or pasted by people.

/// Returns the text without spaces and invisible characters, which often come with a copied code or number, and with the
/// digits of Arabic, Persian and Japanese keyboards as ASCII digits.
pub(crate) fn without_spaces(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    kept.extend(text.chars().filter(|character| !is_space(*character)).map(ascii_digit));
    kept
}

/// Returns the ASCII digit for an Arabic, Persian or full-width digit, and any other character unchanged.
pub(crate) fn ascii_digit(character: char) -> char {
    let zero = match character {
        '\u{660}'..='\u{669}' => '\u{660}',
        '\u{6f0}'..='\u{6f9}' => '\u{6f0}',
        '\u{ff10}'..='\u{ff19}' => '\u{ff10}',
        _ => return character,
    };
    char::from_digit(u32::from(character) - u32::from(zero), 10).unwrap_or(character)
}

/// Returns whether a character is white space, has no width, or only sets the direction of text.
pub(crate) fn is_space(character: char) -> bool {
    let invisible = matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    invisible || character.is_whitespace()
}

#[cfg(test)]
mod tests;
