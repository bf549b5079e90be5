#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fmt::Display;

use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD, Engine as _};
use challenges_core::Timestamp;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use serde::Serialize;
use serde_json::Value;
use static_assertions::assert_not_impl_any;

use super::{VapidKey, VapidSubject, signing_input};
use crate::error::DeliveryError;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors/rfc8292-example.json");

/// Verifies a token with an independent implementation.
fn verifies(token: &str, key: &str) -> bool {
    let bytes = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let key = VerifyingKey::from_sec1_bytes(&bytes(key)).unwrap();
    key.verify(signed.as_bytes(), &Signature::from_slice(&bytes(signature)).unwrap()).is_ok()
}

/// R22: The example of RFC 8292 section 2.4.
///
/// The signature is random and therefore verified. The signing input is compared byte for byte.
#[test]
fn rfc_8292_example_matches() {
    let vector: Value = match std::fs::read_to_string(PATH) {
        Ok(text) => serde_json::from_str(&text).unwrap(),
        Err(error) => return eprintln!("skipped: cannot read the RFC 8292 example: {error}"),
    };
    let (token, key) = (vector["t"].as_str().unwrap(), vector["k"].as_str().unwrap());
    let claims = &vector["claims"];
    let audience = claims["aud"].as_str().unwrap().parse().unwrap();
    let subject = claims["sub"].as_str().unwrap().parse().unwrap();
    let expires = Timestamp::from_seconds(claims["exp"].as_u64().unwrap());
    assert_eq!(signing_input(&audience, &subject, expires), token.rsplit_once('.').unwrap().0);
    assert!(verifies(token, key));
    assert!(!verifies(&token.replacen("eyJ0", "eyJ1", 1), key));
}

#[test]
fn key_round_trips_through_text() {
    let key = VapidKey::generate().unwrap();
    let again: VapidKey = key.to_text().parse().unwrap();
    assert_eq!((again.to_text(), again.public_key()), (key.to_text(), key.public_key()));
    assert_eq!((key.to_text().len(), key.public_key().len()), (43, 87));
    assert_ne!(VapidKey::generate().unwrap().public_key(), key.public_key());

    let audience = "https://push.example.net:8443".parse().unwrap();
    let subject = "mailto:push@example.com".parse().unwrap();
    let header = again.authorization(&audience, &subject, Timestamp::from_seconds(1)).unwrap();
    let (token, public) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
    assert!(verifies(token, public));
    assert_eq!(public, key.public_key());
}

/// A key is read in every form of base64, and as environment variables hold it.
#[test]
fn key_is_read_in_every_form_of_base64() {
    // The text of this key differs between the two alphabets.
    let bytes = [0xfb, 0xff].repeat(16);
    for text in [
        BASE64_URL_SAFE_NO_PAD.encode(&bytes),
        BASE64_URL_SAFE.encode(&bytes),
        BASE64_STANDARD.encode(&bytes),
        BASE64_STANDARD_NO_PAD.encode(&bytes),
    ] {
        for text in [format!("\"{text}\"\n"), text] {
            let key: VapidKey = text.parse().unwrap();
            assert_eq!(*key.to_text(), BASE64_URL_SAFE_NO_PAD.encode(&bytes), "{text}");
        }
    }
}

/// R25: `VapidKey` has no trait that could print or copy the key, and `Debug` shows the public key only.
#[test]
fn key_is_not_printed() {
    assert_not_impl_any!(VapidKey: Display, PartialEq, Clone, Serialize);
    let key = VapidKey::generate().unwrap();
    let printed = format!("{key:?}");
    assert!(!printed.contains(key.to_text().as_str()), "{printed}");
    assert!(printed.contains(&key.public_key()));
}

#[test]
fn malformed_keys_are_rejected() {
    let zero = BASE64_URL_SAFE_NO_PAD.encode([0; 32]);
    let order = BASE64_URL_SAFE_NO_PAD.encode([255; 32]);
    for text in ["", "AAAA", &zero, &order, "not base64!", &"A".repeat(44)] {
        assert!(matches!(text.parse::<VapidKey>(), Err(DeliveryError::VapidKey)), "{text}");
    }
}

#[test]
fn subject_is_a_mail_or_https_address() {
    for text in ["mailto:push@example.com", "https://example.com/contact"] {
        assert!(text.parse::<VapidSubject>().is_ok(), "{text}");
    }
    for text in [
        "https://localhost",
        "https://localhost:8443/",
        "https://LOCALHOST./",
        "https://push.localhost/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "mailto:admin@localhost",
        "mailto:admin@localhost?subject=push",
        "mailto:root@localhost.localdomain",
        "mailto:admin@[127.0.0.1]",
        "mailto:admin@[IPv6:::1]",
    ] {
        assert!(matches!(text.parse::<VapidSubject>(), Err(DeliveryError::VapidSubject)), "{text}");
    }
    for text in ["mailto:admin@localhost.example.com", "https://my-localhost.example.com/", "https://192.0.43.8/"] {
        assert!(text.parse::<VapidSubject>().is_ok(), "{text}");
    }
    let long = format!("mailto:{}@example.com", "a".repeat(250));
    for text in [
        "",
        "push@example.com",
        "mailto:",
        "mailto:@example.com",
        "mailto:a b@c",
        "http://example.com",
        "https://",
        &long,
    ] {
        assert!(matches!(text.parse::<VapidSubject>(), Err(DeliveryError::VapidSubject)), "{text}");
    }
}
