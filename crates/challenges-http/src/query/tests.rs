#![allow(clippy::unwrap_used)]

use super::*;

fn found<'a>(query: &'a Query, name: &str) -> &'a str {
    query.find(name).unwrap()
}

#[test]
fn form_encoding_is_decoded() {
    let query = Query::parse("user_id=1+2&challenge_uid=%2B%26%C3%A9&limit&allowed=&&challenge%5Fanswer=x=y").unwrap();
    assert_eq!(found(&query, "user_id"), "1 2");
    assert_eq!(found(&query, "challenge_uid"), "+&\u{e9}");
    assert_eq!((query.find("limit"), query.find("allowed")), (None, None), "an empty value counts as absent");
    assert_eq!(query.require("allowed").ok(), Some(""));
    assert_eq!(found(&query, "challenge_answer"), "x=y");
    assert!(query.find("challenge_type").is_none());
}

#[test]
fn ambiguous_parameters_are_refused() {
    for text in ["limit=1&limit=2", "limit=1&%6Cimit=2", "limit=1&b=2&limit=1", "limit=%ff"] {
        assert!(Query::parse(text).is_err(), "{text}");
    }
}

#[test]
fn unknown_parameters_are_ignored() {
    let query = Query::parse("utm=1&utm=2&a=%ff&%ff=1&limit=3").unwrap();
    assert_eq!(found(&query, "limit"), "3");
    assert!(query.find("utm").is_none());
}

#[test]
fn booleans_are_case_insensitive_words() {
    let read = |text: &str| Query::parse(text).unwrap().require_bool("allowed").ok();
    for (text, value) in [("true", true), ("True", true), ("TRUE", true), ("false", false), ("False", false)] {
        assert_eq!(read(&format!("allowed={text}")), Some(value));
    }
    for text in ["", "allowed", "allowed=", "allowed=1", "allowed=yes", "allowed=true+", "allowed=+true"] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn limit_is_1_to_500() {
    let read = |text: &str| Query::parse(text).unwrap().limit().ok();
    for (text, limit) in [("", 500), ("limit=1", 1), ("limit=500", 500), ("limit=007", 7), ("limit=", 500)] {
        assert_eq!(read(text), Some(limit), "{text}");
    }
    for text in ["limit=0", "limit=501", "limit=+", "limit=-1", "limit=%2B1", "limit=1.0", "limit=99999999999999999999"]
    {
        assert_eq!(read(text), None, "{text}");
    }
}
