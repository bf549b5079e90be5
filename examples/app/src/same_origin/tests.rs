#![allow(clippy::unwrap_used)]

use http::{HeaderMap, HeaderName, HeaderValue};

use super::is_same_origin;

const PUBLIC: &str = "https://demo.example";

fn judge(headers: &[(&'static str, &'static str)]) -> bool {
    let pairs = headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    is_same_origin(&HeaderMap::from_iter(pairs), PUBLIC)
}

#[test]
fn own_pages_are_allowed() {
    assert!(judge(&[("sec-fetch-site", "same-origin"), ("origin", PUBLIC)]));
    assert!(judge(&[("origin", PUBLIC), ("host", "behind-a-proxy:8080")]));
    assert!(judge(&[("origin", "http://192.168.1.4:8080"), ("host", "192.168.1.4:8080")]));
    assert!(judge(&[("origin", "http://localhost:8080"), ("host", "localhost:8080")]));
    assert!(judge(&[("origin", "http://[::1]:8080"), ("host", "[::1]:8080")]));
    assert!(judge(&[("host", "127.0.0.1:8080")]), "not a browser");
}

#[test]
fn other_sites_are_refused() {
    assert!(!judge(&[("sec-fetch-site", "cross-site")]));
    assert!(!judge(&[("sec-fetch-site", "same-site"), ("origin", "https://other.demo.example")]));
    assert!(!judge(&[("origin", "https://evil.example"), ("host", "demo.example")]));
    assert!(!judge(&[("origin", "https://demo.example.evil.example"), ("host", "demo.example")]));
    assert!(!judge(&[("origin", "http://192.168.1.4:9090"), ("host", "192.168.1.4:8080")]));
    assert!(!judge(&[("origin", "null"), ("host", "demo.example")]));
    assert!(!judge(&[("origin", "null")]));
    assert!(!judge(&[("origin", "http://evil.example:80"), ("host", "evil.example:80")]), "DNS rebinding");
}
