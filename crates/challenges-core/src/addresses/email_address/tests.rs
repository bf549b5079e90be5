#![allow(clippy::unwrap_used)]

use super::*;

fn parse(text: &str) -> Option<String> {
    text.parse().ok().map(|address: EmailAddress| address.as_str().to_owned())
}

#[test]
fn domain_is_lower_case_and_punycode() {
    for (text, address) in [
        ("alice@example.org", "alice@example.org"),
        ("Alice.B+tag@Mail.EXAMPLE.org", "Alice.B+tag@mail.example.org"),
        ("o'hara_1@example.co.uk", "o'hara_1@example.co.uk"),
        ("alice@m\u{fc}nchen.example", "alice@xn--mnchen-3ya.example"),
        ("alice@XN--MNCHEN-3YA.example", "alice@xn--mnchen-3ya.example"),
        ("alice@\u{ff45}xample.org", "alice@example.org"),
    ] {
        assert_eq!(parse(text).as_deref(), Some(address), "{text}");
    }
}

#[test]
fn anything_else_is_refused() {
    for text in [
        "",
        "alice",
        "@example.org",
        "alice@",
        "alice@localhost",
        "alice@example.org.",
        "alice@.example.org",
        "alice@-example.org",
        "alice@exa_mple.org",
        "alice@ex%61mple.org",
        "alice@127.0.0.1",
        "alice@0x7f.1",
        "alice@[127.0.0.1]",
        "alice@example.org:25",
        "alice@example.org/x",
        "a@b@example.org",
        "\"a b\"@example.org",
        "\"a@b\"@example.org",
        ".alice@example.org",
        "alice.@example.org",
        "a..b@example.org",
        "al ice@example.org",
        "alice@example.org\r\nBcc: eve@example.org",
        "alice\r\n@example.org",
        "alice,eve@example.org",
        "<alice@example.org>",
        "Alice <alice@example.org>",
        "\u{fc}lice@example.org",
        "alice@xn--a.example",
    ] {
        assert_eq!(text.parse::<EmailAddress>().unwrap_err(), Invalid::EmailAddress, "{text:?}");
    }
}

#[test]
fn lengths_follow_rfc_5321() {
    let label = "d".repeat(63);
    let domain = format!("{label}.{label}.{}.org", "d".repeat(57));
    assert!(parse(&format!("{}@{domain}", "a".repeat(64))).is_some(), "254 characters");
    assert!(parse(&format!("{}@{domain}", "a".repeat(65))).is_none());
    assert!(parse(&format!("{}@d{domain}", "a".repeat(63))).is_none(), "a label of 64 characters");
    assert!(parse(&format!("{}@d.{domain}", "a".repeat(63))).is_none(), "255 characters");
}

#[test]
fn case_distinguishes_nothing_and_tags_do() {
    let address = |text: &str| text.parse::<EmailAddress>().unwrap();
    assert_eq!(address("Alice@Example.org"), address("alice@example.org"));
    assert_ne!(address("alice+a@example.org"), address("alice@example.org"), "control");
    for text in ["alice+a@example.org", "ALICE+b+c@example.org", "alice@example.org"] {
        assert_eq!(address(text).mailbox(), "alice@example.org", "one budget");
    }
    assert_ne!(address("a.lice@example.org").mailbox(), "alice@example.org", "control");
}

#[test]
fn typed_address_loses_spaces() {
    assert_eq!(EmailAddress::from_typed("\u{200b} alice@example.org\n").unwrap().as_str(), "alice@example.org");
}
