//! Parses any text as an answer, in every form that the API accepts.
//!
//! Parsing never panics, and plain and base64 forms of an assertion give the same result.
#![no_main]

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use challenges_core::ChallengeType;
use challenges_core::webauthn::{AuthenticationResponse, CredentialId, RegistrationResponse};
use libfuzzer_sys::fuzz_target;

fn parts(response: &AuthenticationResponse) -> (&CredentialId, [&[u8]; 3], Option<&[u8]>) {
    let AuthenticationResponse { credential_id, client_data, authenticator_data, signature, user_handle } = response;
    (credential_id, [client_data, authenticator_data, signature], user_handle.as_deref())
}

fuzz_target!(|text: &str| {
    let plain = text.parse::<AuthenticationResponse>();
    if let Ok(read) = &plain {
        assert!((1..=1_023).contains(&read.credential_id.as_bytes().len()));
    }
    if text.starts_with('{') {
        for encoded in [BASE64_URL_SAFE_NO_PAD.encode(text), BASE64_STANDARD.encode(text)] {
            let encoded = encoded.parse::<AuthenticationResponse>();
            assert_eq!(plain.as_ref().ok().map(parts), encoded.as_ref().ok().map(parts));
        }
    }
    let _ = RegistrationResponse::from_json(text);
    let mut split = text.splitn(4, ' ');
    let mut part = || split.next().unwrap_or_default();
    if let Ok(read) = RegistrationResponse::from_base64(part(), part(), part()) {
        assert!((1..=1_023).contains(&read.credential_id.as_bytes().len()));
        let _ = read.with_user_handle(part());
    }
    if let Ok(kind) = text.parse::<ChallengeType>() {
        assert_eq!(kind.as_str(), text);
    }
});
