use super::{is_same_origin, own_path};

const OWN: &str = "https://demo.example";

fn judge(headers: &[(&str, &'static str)]) -> bool {
    let header = |wanted: &str| headers.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_bytes());
    is_same_origin(header, OWN)
}

#[test]
fn own_pages_are_allowed() {
    assert!(judge(&[("sec-fetch-site", "same-origin"), ("origin", OWN)]));
    assert!(judge(&[("sec-fetch-site", "none")]), "typed by the visitor");
    assert!(judge(&[("origin", OWN)]), "an older browser");
    assert!(judge(&[("host", "demo.example")]), "not a browser");
}

#[test]
fn other_sites_are_refused() {
    assert!(!judge(&[("sec-fetch-site", "cross-site"), ("origin", OWN)]));
    assert!(!judge(&[("sec-fetch-site", "same-site"), ("origin", "https://other.demo.example")]));
    assert!(!judge(&[("origin", "https://evil.example"), ("host", "evil.example")]), "DNS rebinding");
    assert!(!judge(&[("origin", "https://demo.example.evil.example")]));
    assert!(!judge(&[("origin", "http://demo.example")]));
    assert!(!judge(&[("origin", "null")]));
}

#[test]
fn redirections_stay_on_the_site() {
    for own in ["/", "/transfer?to=bob&amount=100", "/mfa/factor?purpose=transfer&return_to=%2Ftransfer"] {
        assert_eq!(own_path(own), own);
    }
    for other in ["", "transfer", "//evil.example", "/\\evil.example", "/\t/evil.example", "https://evil.example", "/é"]
    {
        assert_eq!(own_path(other), "/", "{other:?}");
    }
}
