#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use challenges_core::endpoints::PushSubscription;
use serde_json::Value;

use super::{Keys, MAX_PAYLOAD, encrypt, seal};
use crate::error::DeliveryError;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors/rfc8291-appendix-a.json");
/// A point on the curve: the base point.
const KEY: &str = "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU";

fn subscription(p256dh: &str) -> PushSubscription {
    PushSubscription::new("https://push.example.net/x", p256dh, "BTBZMqHH6r4Tts7J_aSIgg").unwrap()
}

/// R22: RFC 8291 Appendix A, byte for byte.
#[test]
fn rfc_8291_test_vector_matches() {
    let vector: Value = match std::fs::read_to_string(PATH) {
        Ok(text) => serde_json::from_str(&text).unwrap(),
        Err(error) => return eprintln!("skipped: cannot read the RFC 8291 test vector: {error}"),
    };
    let text = |name: &str| vector[name].as_str().unwrap();
    let bytes = |name: &str| BASE64_URL_SAFE_NO_PAD.decode(text(name)).unwrap();
    let to = PushSubscription::new("https://push.example.net/x", text("ua_public"), text("auth_secret")).unwrap();
    let ephemeral = PrivateKey::from_private_key(&ECDH_P256, &bytes("as_private")).unwrap();
    let salt = bytes("salt").try_into().unwrap();
    let seal = |padding| seal(&Keys::read(&to).unwrap(), &ephemeral, salt, text("plaintext").as_bytes(), padding);
    assert_eq!(BASE64_URL_SAFE_NO_PAD.encode(seal(0).unwrap()), text("body"));
    assert_ne!(BASE64_URL_SAFE_NO_PAD.encode(seal(1).unwrap()), text("body"));
}

/// R22: Two messages share neither key nor salt.
#[test]
fn each_message_has_fresh_key_and_salt() {
    let to = subscription(KEY);
    let (one, other) = (encrypt(&to, b"same").unwrap(), encrypt(&to, b"same").unwrap());
    assert_ne!(one[..16], other[..16], "salt");
    assert_ne!(one[21..86], other[21..86], "key");
    assert_ne!(one[86..], other[86..], "record");
}

/// R22: Padding hides payload lengths, and oversized payloads are rejected.
#[test]
fn payload_lengths_are_padded_and_bounded() {
    let to = subscription(KEY);
    let length = |payload: usize| encrypt(&to, &vec![b'x'; payload]).map(|body| body.len());
    assert_eq!(length(1).unwrap(), length(256).unwrap());
    assert_ne!(length(256).unwrap(), length(257).unwrap());
    assert_eq!(length(MAX_PAYLOAD).unwrap(), 4_096);
    assert_eq!(length(3_900).unwrap(), 4_096);
    assert!(matches!(length(MAX_PAYLOAD + 1), Err(DeliveryError::TooLong { .. })));
}

#[test]
fn invalid_subscription_keys_are_rejected() {
    let mut off_curve = BASE64_URL_SAFE_NO_PAD.decode(KEY).unwrap();
    off_curve[64] ^= 1;
    for key in [off_curve, vec![0; 65], vec![4; 65]] {
        let to = subscription(&BASE64_URL_SAFE_NO_PAD.encode(key));
        assert!(matches!(encrypt(&to, b"x"), Err(DeliveryError::SubscriptionKeys)));
    }
}
