#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn other_origin_of_the_application_is_found() {
    let found = |site: &'static str, sent: &'static str| {
        let headers = [("sec-fetch-site", site), ("origin", sent)];
        let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        other_origin(&HeaderMap::from_iter(headers), "https://app.example").map(str::to_owned)
    };
    for actual in ["http://app.example", "https://www.app.example", "https://app.example:8443"] {
        assert_eq!(found("same-origin", actual).as_deref(), Some(actual));
        assert_eq!(found("cross-site", actual), None, "a form of another site tells nothing");
    }
    assert_eq!(found("same-origin", "https://app.example"), None);
    assert_eq!(found("same-origin", "null"), None, "hidden by a referrer policy");
}
