//! Registers with any attestation format and statement, in an otherwise valid registration.
//!
//! No accepted statement is trusted, because there are no trust anchors.
#![no_main]

use std::sync::LazyLock;

use challenges_core::webauthn::{Ceremonies as _, Preference, PublicChallenge, Registration, RelyingPartyId};
use challenges_testkit::webauthn::{Attestation, Cbor, NewCredential, SecurityKey};
use challenges_webauthn::Webauthn;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

const ORIGIN: &str = "https://example.org";
const CHALLENGE: [u8; 32] = [5; 32];
const FORMATS: [&str; 8] =
    ["none", "packed", "fido-u2f", "tpm", "android-key", "android-safetynet", "apple", "compound"];

static DRAFT: LazyLock<NewCredential> = LazyLock::new(|| {
    let options = json!({
        "rp": {"id": "example.org"},
        "user": {"id": "BwcH"},
        "challenge": PublicChallenge::from(CHALLENGE).to_string(),
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
        "excludeCredentials": [],
    });
    SecurityKey::new(1).create(&options, ORIGIN).expect("a credential")
});

fuzz_target!(|bytes: &[u8]| {
    let Some((format, statement)) = bytes.split_first() else { return };
    let format = FORMATS[usize::from(*format) % FORMATS.len()];
    let attestation = Attestation::Other { format: format.to_owned(), statement: Cbor::Raw(statement.to_vec()) };
    let response = NewCredential { attestation, ..DRAFT.clone() }.sign().core_response().expect("a response");
    let relying_party: RelyingPartyId = "example.org".parse().expect("a domain");
    let registered = Webauthn::new().register(&Registration {
        relying_party: &relying_party,
        origins: &[ORIGIN.parse().expect("an origin")],
        challenge: &CHALLENGE.into(),
        user_verification: Preference::Discouraged,
        response: &response,
    });
    if let Ok(credential) = registered {
        assert_eq!(format, credential.attestation_format);
        assert!(!credential.attestation_trusted);
    }
});
