#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::codec;
use crate::entropy::OsEntropy;

const K1: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const K2: &str = "k2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";

fn ring(text: &str) -> KeyRing {
    text.parse().unwrap()
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(1_000_000 + seconds)
}

/// Returns a set of ten codes of Alice.
fn set(id: u128) -> (RecoverySet, Vec<RecoveryCode>) {
    let codes: Vec<_> = (0..10).map(|_| RecoveryCode::generate(&OsEntropy).unwrap()).collect();
    let id = Id::new(at(0), 1, id);
    (RecoverySet::new(id, Owner::user("alice").unwrap(), at(0), &codes, &ring(&format!("*{K1}"))), codes)
}

/// Returns the set as stored, with a change.
fn edited(set: &RecoverySet, from: &str, to: &str) -> RecoverySet {
    let stored = String::from_utf8(codec::encode(set.body()).unwrap().to_vec()).unwrap();
    assert!(stored.contains(from), "{from} in {stored}");
    RecoverySet::from_body(codec::decode(stored.replace(from, to).as_bytes()).unwrap())
}

proptest! {
    /// R68: codes are spent in any order, each once, and none is spent by another.
    #[test]
    fn codes_are_spent_once_in_any_order(picks in proptest::collection::vec(0..10_usize, 1..24)) {
        let keys = ring(&format!("*{K1}"));
        let (mut set, codes) = set(1);
        let mut spent = [false; 10];
        for (step, pick) in (1..).zip(picks) {
            let next = set.spend(&codes[pick], &keys, at(step)).unwrap();
            prop_assert_eq!(next.is_some(), !spent[pick]);
            spent[pick] = true;
            set = next.unwrap_or(set);
            let left = spent.iter().filter(|spent| !**spent).count();
            prop_assert_eq!(set.unused(&keys).unwrap(), Unused { usable: left, void: 0 });
        }
    }
}

/// R68: each state of a set, and the result of a code that the set was made with.
#[test]
fn table_of_sets_and_codes() {
    let (set, codes) = set(1);
    let spent = set.spend(&codes[0], &ring(&format!("*{K1}")), at(1)).unwrap().unwrap();
    let id = set.record_id().to_string();
    let other_id = Id::new(at(0), 1, 2).to_string();
    let accepted = format!("*{K2}\n{K1}");
    let rows = [
        ("unused", set.clone(), format!("*{K1}"), true, (10, 0)),
        ("spent", spent, format!("*{K1}"), false, (9, 0)),
        ("the key is accepted", set.clone(), accepted, true, (10, 0)),
        ("the key is retired", set.clone(), format!("*{K2}\n~{K1}"), false, (0, 10)),
        ("the key is removed", set.clone(), format!("*{K2}"), false, (0, 10)),
        ("moved to another user", edited(&set, "alice", "bob"), format!("*{K1}"), false, (10, 0)),
        (
            "moved to another tenant",
            edited(&set, r#"{"user""#, r#"{"tenant":"t","user""#),
            format!("*{K1}"),
            false,
            (10, 0),
        ),
        ("moved to another set", edited(&set, &id, &other_id), format!("*{K1}"), false, (10, 0)),
    ];
    for (name, set, keys, matches, (usable, void)) in rows {
        let keys = ring(&keys);
        assert_eq!(set.spend(&codes[0], &keys, at(2)).unwrap().is_some(), matches, "{name}");
        assert_eq!(set.unused(&keys).unwrap(), Unused { usable, void }, "{name}");
    }
    let malformed = edited(&set, "\"k1.", "\"k1.!");
    assert!(malformed.spend(&codes[0], &ring(&format!("*{K1}")), at(2)).is_err(), "a malformed hash is no wrong code");
}

/// R68: a code that was drawn twice is still accepted once.
#[test]
fn repeated_code_is_spent_as_one() {
    let keys = ring(&format!("*{K1}"));
    let (_, codes) = set(1);
    let twice = [&codes[0], &codes[0], &codes[1]].map(|code| RecoveryCode::read(code.as_str()).unwrap());
    let id = Id::new(at(0), 1, 1);
    let set = RecoverySet::new(id, Owner::user("alice").unwrap(), at(0), &twice, &keys);
    let rest = set.spend(&codes[0], &keys, at(1)).unwrap().unwrap();
    assert!(rest.spend(&codes[0], &keys, at(2)).unwrap().is_none());
    assert_eq!(rest.unused(&keys).unwrap().usable, 1);
}

/// R68: the record holds keyed hashes only.
#[test]
fn stored_form_holds_no_code() {
    let (set, codes) = set(1);
    let stored = String::from_utf8(codec::encode(set.body()).unwrap().to_vec()).unwrap();
    let form = serde_json::from_str::<serde_json::Value>(&stored).unwrap();
    // Another crate of the build may choose the order of the fields.
    let fields: BTreeSet<_> = form.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["codes", "created", "id", "owner", "updated", "v"].into());
    for mac in form["codes"].as_array().unwrap() {
        assert!(mac.as_str().unwrap().starts_with("k1.") && mac.as_str().unwrap().len() == 46, "{mac}");
    }
    for code in &codes {
        assert!(!stored.contains(code.as_str()) && !stored.contains(code.grouped().expose()));
    }
}
