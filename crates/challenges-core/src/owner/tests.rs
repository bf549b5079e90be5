#![allow(clippy::unwrap_used)]

use crate::addresses::Address;
use crate::approvals::HttpAction;
use crate::owner::Owner;
use crate::timeout::Timeout;
use crate::uri::Origin;

#[test]
fn deserialized_values_are_validated() {
    fn reads<T: serde::de::DeserializeOwned>(text: &str) -> bool {
        serde_json::from_str::<T>(text).is_ok()
    }
    assert!(reads::<Owner>(r#"{"user":"a"}"#) && !reads::<Owner>(r#"{"user":""}"#));
    assert!(reads::<Origin>(r#""https://a.example""#) && !reads::<Origin>(r#""javascript:alert(1)""#));
    assert!(reads::<Timeout>("1") && !reads::<Timeout>("0") && !reads::<Timeout>("86401"));
    assert!(reads::<HttpAction>(r#"{"method":"GET","uri":"https://a.example"}"#));
    assert!(!reads::<HttpAction>(r#"{"method":"GET /","uri":"https://a.example"}"#));
    assert!(reads::<HttpAction>(r#"{"method":"GET","uri":"https://a.example","scopes":["s"]}"#));
    assert!(!reads::<HttpAction>(r#"{"method":"GET","uri":"https://a.example","scopes":[""]}"#));
    assert!(!reads::<Address>(r#"{"push":{"endpoint":"http://a.example","p256dh":"","auth":""}}"#));
}
