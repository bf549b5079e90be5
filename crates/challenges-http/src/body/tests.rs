#![allow(clippy::unwrap_used)]

use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
struct Outer {
    #[allow(dead_code)]
    inner: Vec<Inner>,
}

#[derive(Debug, Deserialize)]
struct Inner {
    #[allow(dead_code)]
    text: String,
}

fn fault(body: &str) -> String {
    parse::<Outer>(body.as_bytes()).unwrap_err().to_string()
}

#[test]
fn errors_name_the_property_but_not_the_value() {
    assert_eq!(fault(r#"{"inner": [{"text": 90210}]}"#), "inner[0].text: expected a string");
    assert_eq!(fault(r#"{"inner": "canary, expected x"}"#), "inner: expected an array");
    assert_eq!(fault(r#"{"inner": [{}]}"#), "inner[0]: missing field `text`");
    assert_eq!(fault(r#"{"inner": [], "inner": []}"#), "the body: duplicate field `inner`");
    assert_eq!(fault(" [[]]"), Fault::NotAnObject.to_string());
    assert_eq!(fault(r#""canary""#), "the body: expected an object");
}

#[test]
fn malformed_json_is_reported_as_such() {
    let deep = format!("{{\"other\": {}", "[".repeat(100_000));
    for body in ["", "{", "{\"inner\": []} x", "\u{0}", &deep] {
        assert_eq!(fault(body), Fault::NotJson.to_string(), "{body:.40}");
    }
    assert!(parse::<Outer>(b"{\"inner\": [{\"text\": \"\xff\"}]}").is_err());
}
