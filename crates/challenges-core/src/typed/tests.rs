#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn typed_spaces_and_digits_are_cleaned() {
    let spaces = [' ', '\t', '\n', '\r', '\u{a0}', '\u{61c}', '\u{200b}', '\u{2009}', '\u{3000}', '\u{feff}'];
    let ranges = ('\u{202a}'..='\u{202f}').chain('\u{2060}'..='\u{2064}').chain('\u{2066}'..='\u{2069}');
    for space in spaces.into_iter().chain(ranges) {
        let typed = format!("{space}123{space}456{space}");
        assert_eq!(without_spaces(&typed), "123456", "{space:?}");
    }
    for typed in ["\u{660}\u{661}\u{668}\u{669}", "\u{6f0}\u{6f1}\u{6f8}\u{6f9}", "\u{ff10}\u{ff11}\u{ff18}\u{ff19}"] {
        assert_eq!(without_spaces(typed), "0189", "{typed:?}");
    }
    for kept in ["123-456", "12345", "é1", "1_2", "\u{65f}\u{66a}", "\u{ff0f}\u{ff1a}", "\u{b2}\u{967}"] {
        assert_eq!(without_spaces(kept), kept, "control");
    }
}
