#![allow(clippy::unwrap_used)]

use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Option<HttpUri<'_>> {
    HttpUri::parse(text, 2_048)
}

#[test]
fn r35_ambiguous_hosts_are_refused() {
    let hosts = [
        "",
        ".",
        "..",
        "a..b",
        ".a",
        "a%2eb",
        "a%00b",
        "a b",
        "a,b",
        "a!b",
        "a*b",
        "(a)",
        "ok.example@evil.example",
        "@a",
        "a@",
        ":@a",
        "bücher.example",
        "1",
        "127.1",
        "0x7f.1",
        "0X7F000001",
        "2130706433",
        "0177.0.0.1",
        "1.2.3.4.",
        "1.2.3.256",
        "1.2.3.4.5",
        "a.1",
        "a.0x",
        "[::1",
        "::1",
        "[::1]a",
        "[::1].",
        "[fe80::1%25eth0]",
        "[v1.a]",
        "[1.2.3.4]",
        "xn--a",
        "a%61.example",
    ];
    for host in hosts {
        assert!(parse(&format!("https://{host}/")).is_none(), "{host:?}");
    }
    for port in [":", ":0", ":00443", ":65536", ":+1", ":-1", ":1a", ":1:2", ":443@a"] {
        assert!(parse(&format!("https://a.example{port}/")).is_none(), "{port:?}");
    }
    let long = ["a"; 127].join(".");
    assert!(parse(&format!("https://{long}/")).is_some() && parse(&format!("https://{long}.a/")).is_none());
    assert!(parse(&format!("https://{}/", "a".repeat(63))).is_some());
    assert!(parse(&format!("https://{}/", "a".repeat(64))).is_none());
    assert!(HttpUri::parse("https://a.example", 17).is_some() && HttpUri::parse("https://a.example", 16).is_none());
}

#[test]
fn origin_is_spelled_as_by_browsers() {
    for (text, origin) in [
        ("https://A.Example:443/x", "https://a.example"),
        ("http://a.example:443", "http://a.example:443"),
        ("http://a.example:80?x", "http://a.example"),
        ("https://my_service#x", "https://my_service"),
        ("https://192.0.2.1:8443/", "https://192.0.2.1:8443"),
        ("https://[2001:DB8:0:0::1]/", "https://[2001:db8::1]"),
        ("https://[::ffff:192.0.2.1]:1/", "https://[::ffff:c000:201]:1"),
        ("https://a.example./", "https://a.example."),
    ] {
        assert_eq!(parse(text).unwrap().origin(), origin);
        assert_eq!(Url::parse(text).unwrap().origin().ascii_serialization(), origin);
    }
}

fn hosts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9_-]{1,8}(\\.[a-zA-Z0-9_-]{1,8}){0,3}\\.?",
        any::<Ipv4Addr>().prop_map(|address| address.to_string()),
        any::<Ipv6Addr>().prop_map(|address| format!("[{address}]")),
        any::<[bool; 8]>().prop_map(|zero| {
            let segments = zero.map(|zero| if zero { "0" } else { "FFFF" });
            format!("[{}]", segments.join(":"))
        }),
        "\\[[0-9a-f:.]{0,24}\\]",
        "(0x|0X)?[0-9a-fA-F.x]{1,12}",
        "[!-~]{0,12}",
    ]
}

fn texts() -> impl Strategy<Value = String> {
    let ports = prop_oneof![Just(String::new()), any::<u16>().prop_map(|port| format!(":{port}")), ":[0-9@:]{0,6}"];
    let rests = "([/?#\\\\][!-~]{0,16})?";
    let noise = prop::option::weighted(0.2, (any::<prop::sample::Index>(), "[@:/\\\\\\[\\]?#%. \t\n]"));
    let texts = ("https?://|HTTPS://|https:/|//", hosts(), ports, rests);
    (texts, noise).prop_map(|((scheme, host, port, rest), noise)| {
        let mut text = format!("{scheme}{host}{port}{rest}");
        if let Some((at, noise)) = noise {
            text.insert_str(at.index(text.len() + 1), &noise);
        }
        text
    })
}

/// Reads the origin as a strict parser does (RFC 3986 appendix B), without the leniency of browsers.
fn strict_origin(text: &str) -> String {
    let (scheme, after) = text.split_once("://").unwrap();
    let authority = after.split(['/', '?', '#']).next().unwrap();
    let host_and_port = authority.rsplit('@').next().unwrap();
    format!("{scheme}://{host_and_port}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    /// Every accepted URI leads browsers and strict parsers to the same origin, without user information.
    #[test]
    fn r35_no_parser_reads_another_host(text in texts()) {
        let Some(ours) = parse(&text) else { return Ok(()) };
        let browser = Url::parse(&text).unwrap();
        prop_assert_eq!(ours.origin(), browser.origin().ascii_serialization());
        prop_assert!(browser.username().is_empty() && browser.password().is_none());
        let strict = Url::parse(&strict_origin(&text)).unwrap();
        prop_assert_eq!(ours.origin(), strict.origin().ascii_serialization());
        prop_assert!(text.strip_suffix(ours.rest).unwrap().eq_ignore_ascii_case(&strict_origin(&text)));
    }

    /// The control: plain names are accepted, so the property above does not hold by refusing everything.
    #[test]
    fn plain_names_are_accepted(name in "[a-z][a-z0-9]{0,8}(\\.[a-z][a-z0-9]{0,8}){0,3}", port in 1..=u16::MAX) {
        let text = format!("https://{name}:{port}/");
        let accepted = parse(&text).map(|uri| uri.origin());
        prop_assert_eq!(accepted, Some(Url::parse(&text).unwrap().origin().ascii_serialization()));
    }
}
