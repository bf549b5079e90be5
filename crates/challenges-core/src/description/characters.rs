/// Returns whether a character is visible alone. Joiners and variation selectors only change neighbors.
pub(super) fn is_visible(character: char) -> bool {
    let only_changes_neighbors = matches!(
        character,
        '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{200c}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}'
    );
    !character.is_whitespace() && !only_changes_neighbors
}

/// Returns whether a character makes text read otherwise than written:
///
/// - controls, line and paragraph separators,
/// - characters invisible by themselves (`Default_Ignorable_Code_Point` of the Unicode Character Database, and the
///   empty pattern of Braille), except joiners and variation selectors,
/// - every character of the property `Bidi_Control` (Unicode Standard Annex 9, section 2).
pub(super) const fn misleads(character: char) -> bool {
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
