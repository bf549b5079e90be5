//! Codes and numbers as typed or pasted by people.

/// Returns the text without spaces and invisible characters. Both often come with a copied code or number.
pub(crate) fn without_spaces(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    kept.extend(text.chars().filter(|character| !is_space(*character)));
    kept
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
