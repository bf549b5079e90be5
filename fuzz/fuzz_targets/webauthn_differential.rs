//! Mutates assertions. No assertion refused by webauthn-rs is accepted.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/challenges-webauthn/tests/ceremonies/differential.rs"]
mod differential;

static SUBJECTS: LazyLock<Vec<differential::Subject>> = LazyLock::new(differential::Subject::all);

fuzz_target!(|bytes: &[u8]| {
    differential::check(&SUBJECTS, bytes);
});
