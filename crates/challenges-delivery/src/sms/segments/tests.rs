#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::segments;

#[test]
fn gsm_7_text_has_160_septets_per_segment() {
    assert_eq!(segments(""), 1);
    assert_eq!(segments(&"a".repeat(160)), 1);
    assert_eq!(segments(&"a".repeat(161)), 2);
    assert_eq!(segments(&"é".repeat(306)), 2);
    assert_eq!(segments(&"é".repeat(307)), 3);
    assert_eq!(segments(&"€".repeat(80)), 1);
    assert_eq!(segments(&"[".repeat(81)), 2);
}

#[test]
fn other_text_has_70_utf16_units_per_segment() {
    assert_eq!(segments(&"ç".repeat(70)), 1, "GSM-7 contains only the capital letter");
    assert_eq!(segments(&"ç".repeat(71)), 2);
    assert_eq!(segments(&"語".repeat(134)), 2);
    assert_eq!(segments(&"🙂".repeat(35)), 1, "two UTF-16 units each");
    assert_eq!(segments(&"🙂".repeat(36)), 2);
}
