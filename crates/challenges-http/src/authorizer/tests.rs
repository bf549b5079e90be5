#![allow(clippy::unwrap_used)]

use std::fmt::Display;

use http::HeaderValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use static_assertions::assert_not_impl_any;

use super::*;

// R25: checked at compile time.
assert_not_impl_any!(BearerToken: PartialEq, Clone, Display, Serialize, DeserializeOwned);
assert_not_impl_any!(StaticToken: PartialEq, Display, Serialize, DeserializeOwned);

fn headers(values: &[&[u8]]) -> HeaderMap {
    values.iter().map(|value| (AUTHORIZATION, HeaderValue::from_bytes(value).unwrap())).collect()
}

#[test]
fn only_a_single_complete_bearer_token_is_read() {
    let read = |values: &[&[u8]]| bearer(&headers(values)).map(|token| token.expose().to_owned());
    assert_eq!(read(&[b"Bearer abc"]).as_deref(), Some("abc"));
    assert_eq!(read(&[b"bEARER  abc "]).as_deref(), Some("abc"));
    let refused: [&[&[u8]]; 8] = [
        &[],
        &[b""],
        &[b"Bearer"],
        &[b"Bearer "],
        &[b"Basic abc"],
        &[b"abc"],
        &[b"Bearer \xff"],
        &[b"Bearer abc", b"Bearer abc"],
    ];
    for values in refused {
        assert_eq!(read(values), None, "{values:?}");
    }
}

/// R25: no token is printed.
#[test]
fn tokens_are_compared_in_full_and_redacted() {
    let token = BearerToken("canary".to_owned().into());
    assert!(token.matches("canary"));
    for other in ["", "canar", "canaryy", "Canary", "canarz"] {
        assert!(!token.matches(other), "{other}");
    }
    let fixed = StaticToken::new("canary", Principal::any_user());
    assert!(!format!("{token:?} {fixed:?}").contains("canary"));
}
