#![allow(clippy::unwrap_used)]

use std::fmt::{Debug, Display};

use serde::Serialize;
use serde::de::DeserializeOwned;
use static_assertions::{assert_impl_all, assert_not_impl_any};

use super::*;
use crate::{Answer, MasterKey, TotpKey};

// R25: compile-time; adding any of these to a secret type stops the build.
assert_not_impl_any!(Secret: PartialEq, Clone, Display, Serialize, DeserializeOwned);
assert_not_impl_any!(AnswerData: PartialEq, Clone, Display, Serialize, DeserializeOwned);
assert_not_impl_any!(crate::StepUpToken: PartialEq, Clone, Display, Serialize, DeserializeOwned);
assert_not_impl_any!(TotpKey: PartialEq, Clone, Display, Serialize, DeserializeOwned);
assert_not_impl_any!(MasterKey: PartialEq, Clone, Display, Serialize, DeserializeOwned);
assert_not_impl_any!(Answer: PartialEq, Clone, Display, Serialize);
assert_not_impl_any!(crate::KeyRing: PartialEq, Display, Serialize, DeserializeOwned);
assert_not_impl_any!(crate::CreatedChallenge: PartialEq, Clone, Display, Serialize);
assert_not_impl_any!(crate::ActorLinks: PartialEq, Clone, Display, Serialize);
assert_not_impl_any!(crate::Delivery: PartialEq, Clone, Display, Serialize);
// Challenges hold hashes and sealed values, which have no place in a response either.
assert_not_impl_any!(crate::Challenge: Serialize);
assert_not_impl_any!(crate::TotpEnrollment: Serialize);
// The control: the assertion sees a type that does implement them.
assert_impl_all!(String: PartialEq, Clone, Display, Serialize);

fn shown(value: &impl Debug) -> String {
    format!("{value:?} {value:#?}")
}

#[test]
fn r25_debug_shows_no_secret() {
    let answer_data = AnswerData::new(&serde_json::json!({"token": "canary"})).unwrap();
    let key = MasterKey::from_bytes(*b"canarycanarycanarycanarycanary12");
    let totp = TotpKey::from_bytes(*b"canarycanarycanary12");
    let answer = Answer::allow("0".repeat(40).parse().unwrap(), crate::ChallengeType::Code, "canary");
    let token = crate::StepUpToken::from("canary");
    let all =
        [shown(&token), shown(&Secret::from("canary")), shown(&answer_data), shown(&key), shown(&totp), shown(&answer)];
    for text in all {
        assert!(text.contains("[redacted]"), "{text}");
        assert!(!text.contains("canary") && !text.contains("99, 97, 110"), "{text}");
    }
}

/// R26.
#[test]
fn an_action_shows_where_it_goes_and_no_more() {
    let uris = ["https://h.example/canary", "https://h.example?canary", "https://h.example/#canary"];
    // Parts are not checked before an action is made of them.
    for (uri, valid) in
        uris.map(|uri| (uri, true)).into_iter().chain([("https://canary@h.example", false), ("canary", false)])
    {
        let mut parts = crate::HttpActionParts::new("POST", uri);
        parts.body = Some("canary".to_owned());
        let text = shown(&parts);
        assert!(text.contains("https://h.example\"") == valid && !text.contains("canary"), "{text}");
    }
}

#[test]
fn answer_data_is_a_json_object() {
    assert_eq!(AnswerData::new(&serde_json::json!({"a": 1})).unwrap().expose(), r#"{"a":1}"#);
    for not_an_object in [serde_json::json!([1]), serde_json::json!("{"), serde_json::json!(null)] {
        assert_eq!(AnswerData::new(&not_an_object).unwrap_err(), Invalid::AnswerData);
    }
}

/// At every depth the count is that of a parser that keeps to one; brackets in strings are none.
#[test]
fn r58_answer_data_is_nested_to_a_depth_and_no_deeper() {
    assert_eq!(AnswerData::MAX_DEPTH, 100);
    let raw = |text: &str| serde_json::from_str::<Box<serde_json::value::RawValue>>(text).unwrap();
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[\"}]\\\"\",{\"[\":", "}]")] {
        for repeats in [1, 33, 48, 49, 50, 98, 99, 100, 101, 10_000] {
            let text = format!("{{\"a\":{}1{}}}", open.repeat(repeats), close.repeat(repeats));
            let nested = 1 + repeats * close.len();
            assert_eq!(depth(&text), nested);
            let wanted = (nested > 100).then_some(Invalid::AnswerDataTooDeep { max: 100 });
            assert_eq!(AnswerData::new(&raw(&text)).err(), wanted, "{nested} deep");
            if wanted.is_none() {
                assert!(AnswerData::new(&raw(&text)).unwrap().parse::<serde_json::Value>().is_ok());
            }
        }
    }
    let flat = format!("{{\"a\":\"{}\"}}", "[{\\\"".repeat(1_000));
    assert!(AnswerData::new(&raw(&flat)).is_ok());
}
