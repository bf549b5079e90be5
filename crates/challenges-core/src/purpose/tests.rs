#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn purpose_is_visible_ascii_of_limited_length() {
    let longest = "~".repeat(128);
    for name in ["!", "transfer", "a/b:c;d\"", longest.as_str()] {
        assert_eq!(Purpose::new(name).unwrap().as_str(), name);
    }
    let too_long = "~".repeat(129);
    for name in ["", " ", "two words", "tab\t", "line\n", "\0", "\u{7f}", "gr\u{fc}n", too_long.as_str()] {
        assert_eq!(Purpose::new(name), Err(Invalid::Purpose), "{name:?}");
        assert!(serde_json::from_value::<Purpose>(name.into()).is_err(), "{name:?}");
    }
}
