#![allow(clippy::unwrap_used)]

use super::PublicUrl;

fn parse(text: &str) -> PublicUrl {
    text.parse().unwrap()
}

#[test]
fn answer_page_is_at_the_root() {
    let url = parse("https://demo.example:8443/app/");
    assert_eq!(url.answer_page().unwrap().as_str(), "https://demo.example:8443/mfa/answer");
    assert_eq!(url.origin().unwrap().as_str(), "https://demo.example:8443");
}

#[test]
fn local_url_has_localhost_and_bound_port() {
    let url = PublicUrl::local("0.0.0.0:4711".parse().unwrap()).unwrap();
    assert_eq!(url.as_str(), "http://localhost:4711");
    assert_eq!(url.answer_page().unwrap().as_str(), "http://localhost:4711/mfa/answer");
}

#[test]
fn relying_party_needs_a_secure_host_name() {
    let relying_party = |text| parse(text).relying_party().map(|id| id.to_string());
    assert_eq!(relying_party("http://localhost:8080").as_deref(), Some("localhost"));
    assert_eq!(relying_party("https://demo.example:8443/app").as_deref(), Some("demo.example"));
    for none in [
        "http://demo.example",
        "http://127.0.0.1:8080",
        "https://192.168.1.4",
        "https://[::1]",
        "https://demo.example.",
    ] {
        assert_eq!(relying_party(none), None, "{none}");
        assert!(crate::demo::webauthn(&parse(none)).is_ok(), "{none}");
    }
}
