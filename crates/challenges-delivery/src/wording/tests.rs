#![allow(clippy::unwrap_used)]

use std::time::Duration;

use super::{Wording, minutes};

#[test]
fn minutes_promise_no_more_than_there_are() {
    for (seconds, text) in [(0, "1"), (59, "1"), (119, "1"), (120, "2"), (86_400, "1440")] {
        assert_eq!(minutes(Duration::from_secs(seconds)), text);
    }
}

#[test]
fn a_challenge_without_an_origin_is_from_where_its_page_is() {
    let link = "https://login.example.org:8443/answer?challenge_answer=x".into();
    let origin = "https://shop.example.org".parse().unwrap();
    let told = |origin| Wording::of_link(&link, origin, Duration::ZERO).origin;
    assert_eq!(told(Some(&origin)), "https://shop.example.org");
    assert_eq!(told(None), "https://login.example.org:8443");
}
