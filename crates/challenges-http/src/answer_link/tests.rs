#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn malformed_bases_are_refused() {
    let kept = |text: &str| Base::parse(text).map(|base| base.0);
    assert_eq!(kept("https://example.org/").as_deref(), Some("https://example.org/"));
    assert_eq!(kept("http://localhost:8080/a/b").as_deref(), Some("http://localhost:8080/a/b"));
    let hostile = [
        "",
        "example.org",
        "ftp://example.org",
        "https://",
        "https:///path",
        "https://user@example.org",
        "https://example.org?x",
        "https://example.org#x",
        "https://exa mple.org",
        "https://example.org\\x",
        "HTTPS://example.org",
    ];
    for text in hostile {
        assert_eq!(kept(text), None, "{text}");
    }
    assert_eq!(kept(&format!("https://example.org/{}", "a".repeat(500))), None);
}

#[test]
fn links_encode_the_actor_and_are_bounded() {
    let api = |text: &str| AnswerLinks::Api(Base::parse(text).unwrap());
    let base = api("https://example.org/mfa/");
    assert_eq!(
        base.answer("ID", "SECRET", "a+b c&d", true),
        "https://example.org/mfa/v1/challenges/ID/answers?challenge_answer=SECRET&challenge_uid=a%2Bb%20c%26d&allowed=true&challenge_type=one_time_use_action"
    );
    assert!(base.check(&"a".repeat(255)).is_ok());
    let long = api(&format!("https://example.org/{}", "a".repeat(400)));
    assert!(matches!(long.check(&"\u{e9}".repeat(120)), Err(Fault::LinkTooLong)));
    let room = MAX_LINK - long.answer(&"0".repeat(Id::LENGTH), &"0".repeat(SECRET), "", false).len();
    assert!(long.check(&"a".repeat(room)).is_ok());
    assert!(long.check(&"a".repeat(room + 1)).is_err());
}

#[test]
fn page_links_also_carry_the_challenge_id() {
    let page = AnswerLinks::Page(Base::parse("https://example.org/confirm/").unwrap());
    assert_eq!(
        page.answer("ID", "SECRET", "a+b", false),
        "https://example.org/confirm/?challenge_answer=SECRET&challenge_uid=a%2Bb&allowed=false&challenge_type=one_time_use_action&challenge_id=ID"
    );
}
