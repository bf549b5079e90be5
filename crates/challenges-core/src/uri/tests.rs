#![allow(clippy::unwrap_used)]

use super::*;
use crate::error::Invalid;
use crate::policy::Policy;

const HOSTILE: [&str; 22] = [
    "",
    "//evil.example",
    "/\\evil.example",
    "/answer",
    "https:ok.example",
    "https:///ok.example",
    "https://ok.example@evil.example/",
    "https://@ok.example/",
    "https://ok.example:@ok.example/",
    "https://ok.example.evil.example/",
    "https://ok.example\\@evil.example/",
    "https://evil.example/https://ok.example",
    "https://ok.example:444/",
    "http://ok.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    " https://ok.example/",
    "https://ok.example/\n",
    "ht\ttps://ok.example/",
    "https://ok.exa\tmple/",
    "https://оk.example/",
    "HTTPS://ok.example/",
];

#[test]
fn r35_response_uri_is_matched_exactly_after_one_parse() {
    let policy = Policy { response_origins: ["https://ok.example".parse().unwrap()].into(), ..Policy::default() };
    let check = |text: &str| text.parse::<ResponseUri>().and_then(|uri| policy.allow_response(&uri));
    for good in ["https://ok.example", "https://ok.example/", "https://ok.example/a?b=c#d", "https://ok.example:443/"] {
        assert_eq!(check(good), Ok(()), "{good}");
    }
    for bad in HOSTILE {
        assert!(check(bad).is_err(), "{bad:?}");
    }
}

/// The control: looser comparisons, common in practice, accept hostile URIs.
#[test]
fn r35_control_looser_comparisons_accept_hostile_uris() {
    let by_prefix = |text: &str| text.starts_with("https://ok.example");
    let by_part = |text: &str| text.contains("ok.example");
    let parsed_twice = |text: &str| {
        let without_spaces: String = text.chars().filter(|char| !char.is_ascii_whitespace()).collect();
        url::Url::parse(&without_spaces).is_ok_and(|url| url.host_str() == Some("ok.example"))
    };
    for (accepts, least) in [(&by_prefix as &dyn Fn(&str) -> bool, 4), (&by_part, 8), (&parsed_twice, 4)] {
        assert!(HOSTILE.iter().filter(|text| accepts(text)).count() >= least);
    }
}

#[test]
fn any_https_still_refuses_http() {
    let policy = Policy { any_https_response_origin: true, ..Policy::default() };
    assert_eq!(policy.allow_response(&"https://anything.example/".parse().unwrap()), Ok(()));
    assert_eq!(policy.allow_response(&"http://anything.example/".parse().unwrap()), Err(Invalid::ResponseOrigin));
}

#[test]
fn origin_needs_the_spelling_of_browsers() {
    for good in ["https://a.example", "http://localhost:8080", "https://[::1]:8443"] {
        assert_eq!(good.parse::<Origin>().unwrap().as_str(), good);
    }
    for bad in ["https://a.example/", "https://A.example", "https://a.example:443", "a.example", "ftp://a", "null"] {
        assert_eq!(bad.parse::<Origin>(), Err(Invalid::Origin), "{bad}");
    }
}

#[test]
fn link_keeps_the_parameters_of_its_base() {
    let uri: ResponseUri = "https://a.example/answer?x=1&y=%20#top".parse().unwrap();
    let link = uri.with_parameters(&[("challenge_id", "5"), ("challenge_uid", "a b&c")], &[]);
    assert_eq!(link.as_str(), "https://a.example/answer?x=1&y=%20&challenge_id=5&challenge_uid=a%20b%26c#top");
}

#[test]
fn link_adds_parameters_to_its_base() {
    let parameters = [("challenge_id", "5"), ("challenge_uid", "ä b&c=d#e%"), ("challenge_answer", "")];
    for base in [
        "https://a.example",
        "https://a.example#top",
        "https://A.example:443/a//b/../c?",
        "https://a.example/?x",
        "https://a.example/a?x=1&",
        "https://a.example?x=?&y=%26#/route?z=1",
        "http://[::1]:8080/\"<>^`{|}?\"<>^`{|}[]'#\"<>^`{|}",
    ] {
        let uri: ResponseUri = base.parse().unwrap();
        let link = url::Url::parse(&uri.with_parameters(&parameters, &[])).unwrap();
        let base = url::Url::parse(base).unwrap();
        let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
        assert_eq!((link.origin(), decoded(link.path())), (base.origin(), decoded(base.path())));
        assert_eq!(link.fragment().map(decoded), base.fragment().map(decoded));
        let pairs = |url: &url::Url| url.query_pairs().into_owned().collect::<Vec<_>>();
        let added = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(pairs(&link), [pairs(&base), added.to_vec()].concat());
        assert!(!link.as_str().contains(['"', '<', '>', '`', '{', '}']));
    }
}
