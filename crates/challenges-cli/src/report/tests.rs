use serde_json::json;

use super::*;

fn text_of(name: &str) -> String {
    Report::new(json!({ "webauthn": [{ "completed": true, "name": name }] })).render(false)
}

/// A user chooses the name of a passkey, and support reads the name in a terminal.
#[test]
fn names_cannot_forge_the_output() {
    for (name, expected) in [
        ("a\u{1b}[2Kb", r#""a\u{1b}[2Kb""#),
        ("a\u{202e}b", r#""a\u{202e}b""#),
        ("a\u{2067}b", r#""a\u{2067}b""#),
        ("a\u{200b}b", r#""a\u{200b}b""#),
        ("a\u{2028}b", r#""a\u{2028}b""#),
        ("a\nb", r#""a\nb""#),
        ("x  completed=false", r#""x  completed=false""#),
        (r#"say "a""#, r#""say \"a\"""#),
        ("", r#""""#),
        // Control: names of any language are printed as they are.
        ("phone", "phone"),
        ("\u{645}\u{641}\u{62a}\u{627}\u{62d}", "\u{645}\u{641}\u{62a}\u{627}\u{62d}"),
        ("cl\u{e9}", "cl\u{e9}"),
    ] {
        assert_eq!(text_of(name), format!("webauthn:\n  completed=true  name={expected}\n"));
    }
}

#[test]
fn messages_stay_readable() {
    let report = Report::new(json!({ "differences": ["index x is missing, or \"other\""], "user": "alice" }));
    assert_eq!(report.render(false), "differences:\n  index x is missing, or \"other\"\nuser: alice\n");
    assert_eq!(shown("a\u{202e}b"), r#""a\u{202e}b""#);
}
