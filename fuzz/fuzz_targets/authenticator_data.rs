//! Authenticates with any authenticator data, correctly signed.
//!
//! Accepted data has the hash of the relying party, the user-present flag, and no trailing bytes.
#![no_main]

use std::sync::LazyLock;

use challenges_core::webauthn::{
    Authentication, Ceremonies as _, Credential, Preference, PublicChallenge, Registration, RelyingPartyId, UserHandle,
};
use challenges_testkit::webauthn::{Assertion, SecurityKey, flags};
use challenges_webauthn::Webauthn;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

const ORIGIN: &str = "https://example.org";
const CHALLENGE: [u8; 32] = [5; 32];
/// The length of the relying party hash, flags and counter, in bytes (WebAuthn Level 3, section 6.1).
const SHORTEST: usize = 37;

struct Subject {
    relying_party: RelyingPartyId,
    credential: Credential,
    draft: Assertion,
    hash: Vec<u8>,
}

static SUBJECT: LazyLock<Subject> = LazyLock::new(|| {
    let challenge = PublicChallenge::from(CHALLENGE).to_string();
    let options = json!({
        "rp": {"id": "example.org"},
        "user": {"id": "BwcH"},
        "challenge": challenge,
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
        "excludeCredentials": [],
    });
    let mut key = SecurityKey::new(1);
    key.keeps_user_handle = false;
    let created = key.create(&options, ORIGIN).expect("a credential").sign();
    let relying_party: RelyingPartyId = "example.org".parse().expect("a domain");
    let credential = Webauthn::new().register(&Registration {
        relying_party: &relying_party,
        origins: &[ORIGIN.parse().expect("an origin")],
        challenge: &CHALLENGE.into(),
        user_verification: Preference::Discouraged,
        response: &created.core_response().expect("a response"),
    });
    let allowed = json!([{"type": "public-key", "id": created.json()["id"]}]);
    let options = json!({"rpId": "example.org", "challenge": challenge, "allowCredentials": allowed});
    let draft = key.get(&options, ORIGIN).expect("an assertion");
    let hash = draft.authenticator_data.to_bytes().drain(..32).collect();
    Subject { relying_party, credential: credential.expect("a credential"), draft, hash }
});

/// Puts the relying party hash in front if the first byte is even, because the fuzzer cannot guess the hash.
fn authenticator_data(bytes: &[u8]) -> Vec<u8> {
    match bytes.split_first() {
        Some((first, rest)) if first % 2 == 0 => [&SUBJECT.hash, rest].concat(),
        _ => bytes.to_vec(),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let subject = &*SUBJECT;
    let data = authenticator_data(bytes);
    let signed = subject.draft.sign_bytes(subject.draft.client_data.to_bytes(), data.clone());
    let asserted = Webauthn::new().authenticate(&Authentication {
        relying_party: &subject.relying_party,
        origins: &[ORIGIN.parse().expect("an origin")],
        challenge: &CHALLENGE.into(),
        user_handle: &UserHandle::from([7; 32]),
        user_verification: Preference::Discouraged,
        credential: &subject.credential,
        response: &signed.core_response().expect("a response"),
    });
    if asserted.is_ok() {
        let (hash, flags) = (data.get(..32), data.get(32).copied().unwrap_or_default());
        assert_eq!(hash, Some(&subject.hash[..]));
        assert_ne!(flags & flags::UP, 0);
        assert!(data.len() == SHORTEST || flags & (flags::AT | flags::ED) != 0);
    }
});
