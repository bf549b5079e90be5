#![allow(clippy::unwrap_used)]

use super::*;

fn answer(typed: &str) -> (bool, String) {
    let mut output = Vec::new();
    let confirmed = ask(&mut typed.as_bytes(), &mut output, "Erase alice?", "alice").is_ok();
    (confirmed, String::from_utf8(output).unwrap())
}

#[test]
fn only_the_exact_word_confirms() {
    let (confirmed, question) = answer("alice\n");
    assert!(confirmed && question.contains("Erase alice?") && question.contains("Type alice"));
    for typed in ["", "\n", "y\n", "yes\n", "Alice\n", "alice \n", "bob\nalice\n"] {
        assert!(!answer(typed).0, "{typed:?}");
    }
}
