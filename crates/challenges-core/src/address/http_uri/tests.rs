#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use url::Url;

use super::*;

fn parse(text: &str) -> Option<HttpUri<'_>> {
    HttpUri::parse(text, 2_048)
}

#[test]
fn r35_hosts_that_somebody_reads_otherwise_are_refused() {
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
fn an_origin_is_as_browsers_write_it() {
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    /// What we take, a browser takes too, and goes to the same origin as nobody in particular. It may refuse to go anywhere
    /// for the sake of a name in another script.
    #[test]
    fn r35_no_browser_reads_another_host(text in texts()) {
        let Some(ours) = parse(&text) else { return Ok(()) };
        let Ok(theirs) = Url::parse(&text) else {
            prop_assert!(text.to_ascii_lowercase().contains("xn--"), "{}", text);
            return Ok(());
        };
        prop_assert_eq!(ours.origin(), theirs.origin().ascii_serialization());
        prop_assert!(theirs.username().is_empty() && theirs.password().is_none());
    }

    /// The control: it does not hold by refusing everything.
    #[test]
    fn plain_names_are_taken(name in "[a-z][a-z0-9]{0,8}(\\.[a-z][a-z0-9]{0,8}){0,3}", port in 1..=u16::MAX) {
        let text = format!("https://{name}:{port}/");
        let taken = parse(&text).map(|uri| uri.origin());
        prop_assert_eq!(taken, Some(Url::parse(&text).unwrap().origin().ascii_serialization()));
    }
}
