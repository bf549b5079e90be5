#![allow(clippy::unwrap_used)]

use std::time::Duration;

use super::{Wording, minutes};

#[test]
fn minutes_are_rounded_down_to_at_least_one() {
    for (seconds, text) in [(0, "1"), (59, "1"), (119, "1"), (120, "2"), (86_400, "1440")] {
        assert_eq!(minutes(Duration::from_secs(seconds)), text);
    }
}

#[test]
fn origin_defaults_to_that_of_the_link() {
    let link = "https://login.example.org:8443/answer?challenge_answer=x".into();
    let origin = "https://shop.example.org".parse().unwrap();
    let shown = |origin| Wording::of_link(&link, origin, Duration::ZERO).origin;
    assert_eq!(shown(Some(&origin)), "https://shop.example.org");
    assert_eq!(shown(None), "https://login.example.org:8443");
}

#[test]
fn code_is_bound_to_the_host_of_the_origin() {
    let (link, code) = ("https://login.example.org:8443/answer".into(), "123456".into());
    for (origin, line) in [
        (Some("https://shop.example.org"), "@shop.example.org #123456"),
        (Some("http://localhost:8080"), "@localhost #123456"),
        (None, "@login.example.org #123456"),
    ] {
        let origin = origin.map(|origin| origin.parse().unwrap());
        let wording = Wording::of_link(&link, origin.as_ref(), Duration::ZERO);
        let text = wording.with_bound_code("text".to_owned().into(), Some(&code));
        assert_eq!(text.as_str(), format!("text\n\n{line}"), "the code is the end of the last line");
        assert_eq!(wording.with_bound_code("text".to_owned().into(), None).as_str(), "text");
    }
}
