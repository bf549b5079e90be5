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
