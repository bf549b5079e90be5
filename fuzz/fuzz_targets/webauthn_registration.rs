//! Registers with any credential id, client data and attestation object.
//!
//! Registration never panics, and an accepted credential has the id of the response.
#![no_main]

use challenges_core::webauthn::{
    Ceremonies, CredentialId, Preference, Registration, RegistrationResponse, RelyingPartyId,
};
use challenges_webauthn::Webauthn;
use libfuzzer_sys::fuzz_target;

const CLIENT_DATA: &[u8] =
    br#"{"type":"webauthn.create","challenge":"BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU","origin":"https://example.org"}"#;

fuzz_target!(|input: (&[u8], &[u8], bool)| {
    let (id, bytes, as_client_data) = input;
    let Ok(credential_id) = CredentialId::try_from(id.to_vec()) else { return };
    let webauthn = Webauthn::new();
    let relying_party: RelyingPartyId = "example.org".parse().expect("a domain");
    let (client_data, attestation_object) = if as_client_data { (bytes, &[][..]) } else { (CLIENT_DATA, bytes) };
    let response = RegistrationResponse {
        credential_id: credential_id.clone(),
        client_data: client_data.to_vec(),
        attestation_object: attestation_object.to_vec(),
        transports: Vec::new(),
        user_handle: None,
    };
    let registered = webauthn.register(&Registration {
        relying_party: &relying_party,
        origins: &webauthn.origins(&relying_party),
        challenge: &[5; 32].into(),
        user_verification: Preference::Discouraged,
        response: &response,
    });
    if let Ok(credential) = registered {
        assert_eq!(credential.id, credential_id);
    }
});
