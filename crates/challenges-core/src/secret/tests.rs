#![allow(clippy::unwrap_used)]

use std::fmt::{Debug, Display};

use serde::Serialize;
use serde::de::value::{Error as ValueError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer as _};
use static_assertions::{assert_impl_all, assert_not_impl_any};

use super::answer_data::depth;
use super::*;
use crate::approvals::{ActorLinks, HttpAction};
use crate::challenge::{Answer, Challenge, CreatedChallenge};
use crate::challenge_type::ChallengeType;
use crate::error::Invalid;
use crate::keyring::KeyRing;
use crate::outbox::Task;
use crate::totp::{TotpEnrollment, TotpKey};

// R25: a secret type that implements one of these traits does not compile.
assert_not_impl_any!(Secret: PartialEq, Clone, Display, Serialize);
assert_not_impl_any!(AnswerData: PartialEq, Clone, Display, Serialize, DeserializeOwned);
assert_not_impl_any!(TotpKey: PartialEq, Clone, Display, Serialize, DeserializeOwned);
assert_not_impl_any!(Answer: PartialEq, Clone, Display, Serialize);
assert_not_impl_any!(KeyRing: PartialEq, Display, Serialize, DeserializeOwned);
assert_not_impl_any!(CreatedChallenge: PartialEq, Clone, Display, Serialize);
assert_not_impl_any!(ActorLinks: PartialEq, Clone, Display, Serialize);
assert_not_impl_any!(Task: PartialEq, Clone, Display, Serialize);
// Challenges hold MACs and sealed values, which have no place in a response either.
assert_not_impl_any!(Challenge: Serialize);
assert_not_impl_any!(TotpEnrollment: Serialize);
// The control: the assertion notices a type that implements the traits.
assert_impl_all!(String: PartialEq, Clone, Display, Serialize);

fn shown(value: &impl Debug) -> String {
    format!("{value:?} {value:#?}")
}

#[test]
fn r25_debug_shows_no_secret() {
    let answer_data = AnswerData::new(&serde_json::json!({"token": "canary"})).unwrap();
    let key = KeyRing::new("k1", *b"canarycanarycanarycanarycanary12").unwrap();
    let totp = TotpKey::from_bytes(*b"canarycanarycanary12");
    let answer = Answer::allow("0".repeat(40).parse().unwrap(), ChallengeType::Code, "canary");
    let all = [shown(&Secret::from("canary")), shown(&answer_data), shown(&totp), shown(&answer)];
    for text in all {
        assert!(text.contains("[redacted]"), "{text}");
        assert!(!text.contains("canary") && !text.contains("99, 97, 110"), "{text}");
    }
    let text = shown(&key);
    assert!(text.contains("k1") && !text.contains("canary") && !text.contains("99, 97, 110"), "{text}");
}

#[test]
fn secret_deserializes_from_strings_only() {
    let deserializer: StrDeserializer<'_, ValueError> = "123456".into_deserializer();
    assert_eq!(Secret::deserialize(deserializer).unwrap().expose(), "123456");
    assert_eq!(serde_json::from_str::<Secret>(r#""a\nb""#).unwrap().expose(), "a\nb");
    for other in ["123456", "-123456", "123456.5", "null", "[\"123456\"]", "{\"123456\":0}"] {
        let error = serde_json::from_str::<Secret>(other).unwrap_err().to_string();
        assert!(!error.contains("123456"), "{error}");
    }
}

/// R26.
#[test]
fn action_debug_shows_the_origin_alone() {
    for uri in ["https://h.example/canary", "https://h.example?canary", "https://h.example/#canary"] {
        let text = shown(&HttpAction::new("POST", uri).unwrap().with_body("canary").unwrap());
        assert!(text.contains("https://h.example\"") && !text.contains("canary"), "{text}");
    }
}

#[test]
fn answer_data_is_a_json_object() {
    assert_eq!(AnswerData::new(&serde_json::json!({"a": 1})).unwrap().expose(), r#"{"a":1}"#);
    for not_an_object in [serde_json::json!([1]), serde_json::json!("{"), serde_json::json!(null)] {
        assert_eq!(AnswerData::new(&not_an_object).unwrap_err(), Invalid::AnswerData);
    }
}

/// R58: at every depth the count agrees with a parser that counts; brackets in strings do not count.
#[test]
fn r58_answer_data_nesting_is_bounded() {
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
