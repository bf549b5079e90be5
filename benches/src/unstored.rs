//! The work of the library apart from storage, compared with its cryptography alone.

mod code;
mod cryptography;

pub(crate) use code::cycle;

use crate::arguments::Arguments;
use crate::measure::{Effort, Runs, alternate, timed};
use crate::report::{Section, rate, share};
use crate::webauthn::Assertion;

/// Assertions per slice.
const ASSERTIONS: usize = 200;

type Bench = (&'static str, usize, fn(Effort) -> Runs<2>);

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
    let about = "Floor of the code challenge: a loop that generates, seals, hashes, encodes and stores the same records, and \
                 reads them back, on the crypto crates and hash maps. Floor of an ES256 assertion: verifying the signature alone, with the same crypto library.";
    let mut section = Section::new("Beside the cryptography alone", about, &["", "a second", "floor", "of the floor"]);
    for (name, operations, bench) in wanted {
        let runs = bench(arguments.effort());
        let [ours, floor] = [0, 1].map(|side| rate(runs.rate(side, operations)));
        section.row(vec![name.to_owned(), ours, floor, share(runs.share(0, 1))]);
    }
    Some(section)
}

fn assertion(effort: Effort) -> Runs<2> {
    let assertion = Assertion::new();
    let answer = assertion.signed.answer();
    against_signatures(effort, &assertion, || assertion.judge(&answer))
}

fn webauthn_rs(effort: Effort) -> Runs<2> {
    let assertion = Assertion::new();
    let (webauthn, state) = assertion.in_webauthn_rs();
    let answer = assertion.signed.json().to_string();
    against_signatures(effort, &assertion, || {
        let response = serde_json::from_str(&answer).unwrap();
        assert!(webauthn.authenticate_credential(&response, &state).is_ok());
    })
}

fn against_signatures(effort: Effort, assertion: &Assertion, verdict: impl Fn()) -> Runs<2> {
    let signature = assertion.signature();
    let slice = |work: &dyn Fn()| timed(|| (0..ASSERTIONS).for_each(|_| work()));
    Runs::of(effort.runs, |_| {
        alternate(effort.slices, [&mut || slice(&verdict), &mut || slice(&|| signature.verify())])
    })
}
