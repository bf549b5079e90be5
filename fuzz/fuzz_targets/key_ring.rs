//! The text of a key ring: what is read of any text is written and read back as the same ring, and no error shows a key.
#![no_main]

use challenges_core::KeyRing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match text.parse::<KeyRing>() {
        Ok(ring) => {
            let written = ring.to_text();
            let again: KeyRing = written.parse().expect("what was written");
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
