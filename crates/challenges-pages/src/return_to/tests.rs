#![allow(clippy::unwrap_used)]

use url::Url;

use super::checked;

const HOSTILE: &[&str] = &[
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "\t//evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "",
    "/\u{0}",
    "/\u{2028}",
    "/a\r\nSet-Cookie: x=y",
];

#[test]
fn hostile_targets_become_the_start_page() {
    for target in HOSTILE {
        assert_eq!(checked(Some(target)), "/", "{target:?}");
    }
    assert_eq!(checked(None), "/");
    assert_eq!(checked(Some(&format!("/{}", "a".repeat(1_000)))), "/");
}

/// The negative control: the paths of the application stay, and some of the hostile targets do lead away.
#[test]
fn own_paths_stay_as_they_are() {
    for target in ["/", "/transfer?to=bob&amount=5#form", "/a//b", "/@evil.example", "/%5cevil.example"] {
        assert_eq!(checked(Some(target)), target);
        assert_eq!(host(target).as_deref(), Some("app.example"), "{target:?}");
    }
    assert_eq!(HOSTILE.iter().filter(|target| host(target).as_deref() != Some("app.example")).count(), 11);
}

fn host(target: &str) -> Option<String> {
    let base = Url::parse("https://app.example/mfa/factor").unwrap();
    base.join(target).ok()?.host_str().map(str::to_owned)
}
