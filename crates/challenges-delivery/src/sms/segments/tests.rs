#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::segments;

#[test]
fn texts_of_the_gsm_alphabet() {
    assert_eq!(segments(""), 1);
    assert_eq!(segments(&"a".repeat(160)), 1);
    assert_eq!(segments(&"a".repeat(161)), 2);
    assert_eq!(segments(&"é".repeat(306)), 2);
    assert_eq!(segments(&"é".repeat(307)), 3);
    assert_eq!(segments(&"€".repeat(80)), 1);
    assert_eq!(segments(&"[".repeat(81)), 2);
}

#[test]
fn other_texts() {
    assert_eq!(segments(&"ç".repeat(70)), 1, "the capital letter alone is of the alphabet");
    assert_eq!(segments(&"ç".repeat(71)), 2);
    assert_eq!(segments(&"語".repeat(134)), 2);
    assert_eq!(segments(&"🙂".repeat(35)), 1, "two units of UTF-16 each");
    assert_eq!(segments(&"🙂".repeat(36)), 2);
}
