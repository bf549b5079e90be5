#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::prelude::*;
use url::{Host, Url};

use super::Guard;
use crate::error::{Blocked, DeliveryError};
use crate::network::is_public;

#[test]
fn admitted_url_is_requested_as_checked() {
    let guard = Guard::any_host().allow_port(8443);
    for (url, uri) in [
        ("https://hooks.example.org", "https://hooks.example.org/"),
        ("https://HOOKS.example.org:443/a?b=c#d", "https://hooks.example.org/a?b=c"),
        ("https://hooks.example.org:8443/a/../b", "https://hooks.example.org:8443/b"),
        ("https://8.8.8.8/", "https://8.8.8.8/"),
        ("https://134744072/", "https://8.8.8.8/"),
        ("https://[2606:4700::1111]/", "https://[2606:4700::1111]/"),
        ("https://xn--exmple-cua.org/", "https://xn--exmple-cua.org/"),
        ("https://ok.example#@127.0.0.1/", "https://ok.example/"),
        ("https://ok.example?@127.0.0.1/", "https://ok.example/?@127.0.0.1/"),
    ] {
        assert_eq!(guard.admit(url).map(|uri| uri.to_string()), Ok(uri.to_owned()), "{url}");
    }
}

/// R33: An allow list matches neither subdomains nor look-alikes.
#[test]
fn allow_list_matches_exact_hosts() {
    let guard = Guard::only_hosts(["Hooks.example.org", "8.8.8.8"]).unwrap();
    for url in
        ["https://hooks.example.org/x", "https://HOOKS.EXAMPLE.ORG/", "https://8.8.8.8/", "https://0x8.0x8.0x8.0x8/"]
    {
        assert_eq!(guard.check(url), Ok(()), "{url}");
    }
    for url in [
        "https://example.org/",
        "https://sub.hooks.example.org/",
        "https://hooks.example.org.evil.example/",
        "https://hooks.example.orgevil.example/",
        "https://hooks.example.org./",
        "https://evil.example/hooks.example.org",
        "https://evil.example?hooks.example.org",
        "https://evil.example#hooks.example.org",
        "https://1.1.1.1/",
    ] {
        assert_eq!(guard.check(url), Err(Blocked::Host), "{url}");
    }
}

#[test]
fn allow_list_accepts_bare_hosts_only() {
    for host in ["", "https://example.org", "example.org:443", "example.org/x", "example.org.", "a b", "*.example.org/"]
    {
        assert!(matches!(Guard::only_hosts([host]), Err(DeliveryError::AllowedHost)), "{host}");
    }
    assert!(Guard::only_hosts(["[2606:4700::1111]", "exämple.org"]).is_ok());
}

#[test]
fn allowed_network_opens_nothing_else() {
    let guard = Guard::any_host().danger_allow_network("10.1.0.0/16".parse().unwrap());
    assert_eq!(guard.check("https://10.1.2.3/"), Ok(()));
    for address in ["10.2.0.1", "127.0.0.1"] {
        let refused = Err(Blocked::Address(address.parse().unwrap()));
        assert_eq!(guard.check(&format!("https://{address}/")), refused);
    }
    assert_eq!(guard.check("http://10.1.2.3/"), Err(Blocked::Scheme));
    let guard = guard.danger_allow_http();
    assert_eq!(guard.check("http://10.1.2.3/"), Ok(()));
    assert_eq!(guard.check("http://10.1.2.3:8080/"), Err(Blocked::Port(8080)));
}

/// R33: Behind a NAT64 translator, the IPv4 address decides.
#[test]
fn embedded_ipv4_address_must_be_allowed_too() {
    let guard = Guard::any_host().danger_allow_network("64:ff9b::/96".parse().unwrap());
    assert_eq!(guard.check("https://[64:ff9b::8.8.8.8]/"), Ok(()));
    let metadata = "64:ff9b::169.254.169.254".parse().unwrap();
    assert_eq!(guard.check("https://[64:ff9b::169.254.169.254]/"), Err(Blocked::Address(metadata)));
    let mapped = Guard::any_host().danger_allow_network("::ffff:0:0/96".parse().unwrap());
    assert!(mapped.check("https://[::ffff:127.0.0.1]/").is_err());
    let both = mapped.danger_allow_network("127.0.0.0/8".parse().unwrap());
    assert_eq!(both.check("https://[::ffff:127.0.0.1]/"), Ok(()));
}

/// Pieces of URLs in any order.
fn url_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "https",
            "http",
            "://",
            ":",
            "/",
            "//",
            "\\",
            "@",
            "?",
            "#",
            "[",
            "]",
            "%",
            ".",
            "::1",
            "::ffff:",
            "127.0.0.1",
            "0x7f",
            "2130706433",
            "localhost",
            "example.org",
            "xn--",
            ":443",
            ":8443",
            ":0",
            "user:pw@",
            "%2e",
            "%00",
            "\t",
            "64:ff9b::",
            "8.8.8.8",
            "[2606:4700::1111]",
            "[::ffff:8.8.8.8]",
            "017700000001",
        ])
        .prop_map(str::to_owned),
        any::<u32>().prop_map(|number| number.to_string()),
        "\\PC{0,3}",
    ];
    let tail = prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat());
    prop_oneof![tail.clone(), tail.prop_map(|tail| format!("https://{tail}"))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// R33: Every admitted URL is https, without user information, and leads to port 443 of a name or a public address.
    #[test]
    fn admitted_urls_are_harmless(text in url_like()) {
        let Ok(uri) = Guard::any_host().admit(&text) else { return Ok(()) };
        let url = Url::parse(&uri.to_string()).unwrap();
        prop_assert_eq!(url.scheme(), "https");
        prop_assert_eq!((url.username(), url.password()), ("", None));
        prop_assert_eq!(url.port_or_known_default(), Some(443));
        prop_assert_eq!(url.host_str(), uri.host());
        match url.host().unwrap() {
            Host::Ipv4(address) => prop_assert!(is_public(address.into())),
            Host::Ipv6(address) => prop_assert!(is_public(address.into())),
            Host::Domain(domain) => prop_assert!(!domain.ends_with('.')),
        }
    }
}
