use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, TestRunner};

use crate::differential::{Subject, check};

/// R44: webauthn-rs accepts every accepted assertion, too. The test prints how often each pair of verdicts occurs.
#[test]
fn no_verdict_is_laxer_than_webauthn_rs() {
    let subjects = Subject::all();
    let counts = RefCell::new(BTreeMap::<String, u32>::new());
    let cases = if std::env::var_os("CHALLENGES_FULL").is_some() { 50_000 } else { 1_000 };
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    runner
        .run(&vec(any::<u8>(), 0..40), |bytes| {
            let verdicts = check(&subjects, &bytes);
            let theirs = if verdicts.theirs.is_ok() { "theirs passes" } else { "theirs refuses" };
            *counts.borrow_mut().entry(format!("{theirs}, ours: {:?}", verdicts.ours)).or_default() += 1;
            Ok(())
        })
        .unwrap();
    let counts = counts.borrow();
    for (verdicts, count) in counts.iter() {
        eprintln!("{count:6} {verdicts}");
    }
    for both in ["theirs passes, ours: Ok(())", "theirs refuses, ours: Err(Signature)"] {
        assert!(counts.contains_key(both), "no case of: {both}");
    }
}
