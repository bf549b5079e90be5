//! Registers with any client data and a valid attestation object.
//!
//! Accepted client data has the expected type, challenge and origin, and no cross-origin flag or top origin.
#![no_main]

use std::sync::LazyLock;

use challenges_core::webauthn::{
    Ceremonies as _, Preference, PublicChallenge, Registration, RegistrationResponse, RelyingPartyId,
};
use challenges_testkit::webauthn::SecurityKey;
use challenges_webauthn::Webauthn;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

const ORIGIN: &str = "https://example.org";
const CHALLENGE: [u8; 32] = [5; 32];

static RESPONSE: LazyLock<RegistrationResponse> = LazyLock::new(|| {
    let options = json!({
        "rp": {"id": "example.org"},
        "user": {"id": "BwcH"},
        "challenge": PublicChallenge::from(CHALLENGE).to_string(),
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
        "excludeCredentials": [],
    });
    let created = SecurityKey::new(1).create(&options, ORIGIN).expect("a credential").sign();
    created.core_response().expect("a response")
});

fuzz_target!(|client_data: &[u8]| {
    let relying_party: RelyingPartyId = "example.org".parse().expect("a domain");
    let registered = Webauthn::new().register(&Registration {
        relying_party: &relying_party,
        origins: &[ORIGIN.parse().expect("an origin")],
        challenge: &CHALLENGE.into(),
        user_verification: Preference::Discouraged,
        response: &RegistrationResponse { client_data: client_data.to_vec(), ..RESPONSE.clone() },
    });
    if registered.is_ok() {
        let said: Value = serde_json::from_slice(client_data).expect("accepted client data is JSON");
        assert_eq!(said["type"], "webauthn.create");
        assert_eq!(said["challenge"], PublicChallenge::from(CHALLENGE).to_string());
        assert_eq!(said["origin"], ORIGIN);
        assert!(said["crossOrigin"] != true && said["topOrigin"].is_null());
    }
});
