#![allow(clippy::unwrap_used)]

use super::*;

fn found<'a>(query: &'a Query, name: &str) -> &'a str {
    query.find(name).unwrap()
}

#[test]
fn forms_are_decoded() {
    let query = Query::parse("a=1+2&b=%2B%26%C3%A9&c&d=&&e=x=y").unwrap();
    assert_eq!(found(&query, "a"), "1 2");
    assert_eq!(found(&query, "b"), "+&\u{e9}");
    assert_eq!((found(&query, "c"), found(&query, "d"), found(&query, "e")), ("", "", "x=y"));
    assert!(query.find("f").is_none());
}

#[test]
fn what_two_parsers_could_read_differently_is_refused() {
    for text in ["a=1&a=2", "a=1&%61=2", "a=1&b=2&a=1", "a=%ff", "%ff=1"] {
        assert!(Query::parse(text).is_err(), "{text}");
    }
}

#[test]
fn booleans_come_in_any_case_and_in_no_other_form() {
    let read = |text: &str| Query::parse(text).unwrap().require_bool("allowed").ok();
    for (text, value) in [("true", true), ("True", true), ("TRUE", true), ("false", false), ("False", false)] {
        assert_eq!(read(&format!("allowed={text}")), Some(value));
    }
    for text in ["", "allowed", "allowed=", "allowed=1", "allowed=yes", "allowed=true+", "allowed=+true"] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn limits_are_1_to_500() {
    let read = |text: &str| Query::parse(text).unwrap().limit().ok();
    for (text, limit) in [("", 500), ("limit=1", 1), ("limit=500", 500), ("limit=007", 7)] {
        assert_eq!(read(text), Some(limit), "{text}");
    }
    for text in ["limit=0", "limit=501", "limit=", "limit=-1", "limit=%2B1", "limit=1.0", "limit=99999999999999999999"]
    {
        assert_eq!(read(text), None, "{text}");
    }
}
