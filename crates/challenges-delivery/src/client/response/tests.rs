#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::{Duration, SystemTime};

use http::HeaderValue;

use super::{MAX_RETRY_AFTER, retry_after};

#[test]
fn retry_after_is_parsed_and_capped() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    let read = |text: &'static str| retry_after(&HeaderValue::from_static(text), now).map(|wait| wait.as_secs());
    assert_eq!(read("0"), Some(0));
    assert_eq!(read(" 120 "), Some(120));
    assert_eq!(read("86401"), Some(MAX_RETRY_AFTER.as_secs()));
    assert_eq!(read("99999999999999999999999999"), Some(MAX_RETRY_AFTER.as_secs()));
    assert_eq!(read("Sun, 06 Nov 1994 08:50:37 GMT"), Some(60));
    assert_eq!(read("Sunday, 06-Nov-94 08:50:37 GMT"), Some(60));
    assert_eq!(read("Sun Nov  6 08:50:37 1994"), Some(60));
    assert_eq!(read("Sun, 06 Nov 1994 08:48:37 GMT"), Some(0));
    assert_eq!(read("Fri, 31 Dec 9999 23:59:59 GMT"), Some(MAX_RETRY_AFTER.as_secs()));
    for text in ["", "-1", "+5", "1.5", "soon", "1 2", "0x10"] {
        assert_eq!(read(text), None, "{text}");
    }
}
