//! Parses any text as a key ring.
//!
//! A parsed ring is written and parsed back unchanged, and no error contains a key.
#![no_main]

use challenges_core::KeyRing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match text.parse::<KeyRing>() {
        Ok(ring) => {
            let written = ring.to_text();
            let again: KeyRing = written.parse().expect("a written key ring parses");
            assert_eq!(*again.to_text(), *written);
            assert_eq!(again.active(), ring.active());
        }
        Err(error) => {
            let told = format!("{error} {error:?}");
            // A key is 43 characters of base64url; names are shorter.
            let is_key = |word: &str| word.len() >= 43;
            assert!(!told.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').any(is_key), "{told}");
        }
    }
});
