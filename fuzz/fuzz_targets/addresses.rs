//! Parses any text as an id, an origin, a response URI, a phone number and a key ring.
//!
//! Parsing never panics. Ids and origins are written back unchanged, and response URIs are ASCII without backslashes.
#![no_main]

use challenges_core::endpoints::PhoneNumber;
use challenges_core::store::Id;
use challenges_core::{KeyRing, Origin, ResponseUri};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(id) = text.parse::<Id>() {
        assert_eq!(id.to_string(), text);
    }
    if let Ok(origin) = text.parse::<Origin>() {
        assert_eq!(origin.as_str(), text);
        assert!(text.parse::<ResponseUri>().is_ok());
    }
    if let Ok(uri) = text.parse::<ResponseUri>() {
        assert!(!uri.as_str().contains('\\') && uri.as_str().is_ascii());
    }
    let _ = text.parse::<PhoneNumber>();
    let _ = text.parse::<KeyRing>();
});
