#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn spaces_of_any_kind_are_dropped() {
    let spaces = [' ', '\t', '\n', '\r', '\u{a0}', '\u{61c}', '\u{200b}', '\u{2009}', '\u{3000}', '\u{feff}'];
    let ranges = ('\u{202a}'..='\u{202f}').chain('\u{2060}'..='\u{2064}').chain('\u{2066}'..='\u{2069}');
    for space in spaces.into_iter().chain(ranges) {
        let typed = format!("{space}123{space}456{space}");
        assert_eq!(without_spaces(&typed), "123456", "{space:?}");
    }
    for kept in ["123-456", "12345", "é1", "1_2"] {
        assert_eq!(without_spaces(kept), kept, "control");
    }
}
