//! The work of the library apart from storage, compared with its cryptography alone.

mod code;
mod cryptography;

pub(crate) use code::cycle;

use crate::arguments::Arguments;
use crate::measure::{Turns, in_turns};
use crate::report::{Section, rate, share};
use crate::webauthn::Assertion;

/// Assertions per round.
const ASSERTIONS: usize = 200;

type Bench = (&'static str, usize, fn() -> Turns<2>);

pub(crate) fn run(arguments: &Arguments) -> Option<Section> {
    let benches: [Bench; 3] = [
        ("create + answer by code, memory", code::CYCLES, code::cycles),
        ("assertion, from text to verdict", ASSERTIONS, assertion),
        ("the same by webauthn-rs", ASSERTIONS, webauthn_rs),
    ];
    let wanted: Vec<_> = benches.into_iter().filter(|(name, ..)| arguments.wants(name)).collect();
    if wanted.is_empty() {
        return None;
    }
    let about = "Floor of the code challenge: a loop that generates, seals, hashes, encodes and stores the same bytes, and reads \
                 them back. Floor of an ES256 assertion: verifying the signature alone, with the same crypto library.";
    let mut section = Section::new("Beside the cryptography alone", about, &["", "a second", "floor", "of the floor"]);
    for (name, operations, bench) in wanted {
        let turns = bench();
        let [ours, floor] = [0, 1].map(|side| rate(turns.rate(side, operations)));
        section.row(vec![name.to_owned(), ours, floor, share(turns.share(0, 1))]);
    }
    Some(section)
}

fn assertion() -> Turns<2> {
    let assertion = Assertion::new();
    let answer = assertion.signed.answer();
    against_signatures(&assertion, || assertion.judge(&answer))
}

fn webauthn_rs() -> Turns<2> {
    let assertion = Assertion::new();
    let (webauthn, state) = assertion.in_webauthn_rs();
    let answer = assertion.signed.json().to_string();
    against_signatures(&assertion, || {
        let response = serde_json::from_str(&answer).unwrap();
        assert!(webauthn.authenticate_credential(&response, &state).is_ok());
    })
}

fn against_signatures(assertion: &Assertion, verdict: impl Fn()) -> Turns<2> {
    let signature = assertion.signature();
    let round = |work: &dyn Fn()| crate::measure::timed(|| (0..ASSERTIONS).for_each(|_| work()));
    in_turns([&mut || round(&verdict), &mut || round(&|| signature.verify())])
}
