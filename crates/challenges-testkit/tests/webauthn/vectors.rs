//! The W3C test vectors, reproduced by the authenticator.

use challenges_testkit::webauthn::{Algorithm, Attestation, PrivateKey, SecurityKey};
use serde_json::Value;
use uuid::Uuid;

use super::parser::{item, member_bytes, parts};
use super::{creation, encode, request};

/// Returns the W3C test vectors, or prints a message and returns `None` if the file is missing.
fn vectors() -> Option<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors/webauthn-l3-test-vectors.json");
    match std::fs::read(path) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
        Err(error) => {
            eprintln!("skipped: no test vectors at {path}: {error}");
            None
        }
    }
}

fn hex(value: &Value) -> Vec<u8> {
    let digits = value.as_str().unwrap();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn w3c_vectors_are_reproduced_byte_for_byte() {
    let Some(vectors) = vectors() else { return };
    let cases = vectors["cases"].as_array().unwrap();
    for (case, algorithm, private_key) in [
        ("none-es256", Algorithm::Es256, "credential_private_key"),
        ("packed-self-es256", Algorithm::Es256, "credential_private_key"),
        ("none-es256-long-credential-id", Algorithm::Es256, "credential_private_key"),
        ("packed-es384", Algorithm::Es384, "credential_private_key"),
        ("packed-eddsa", Algorithm::EdDsa, "private_key"),
    ] {
        let vector = cases.iter().find(|one| one["id"] == case).unwrap();
        let (registration, authentication) = (&vector["registration"], &vector["authentication"]);
        let mut key = SecurityKey::new(1);
        key.private_key = PrivateKey::from_bytes(algorithm, &hex(&registration[private_key])).unwrap();
        key.credential_id = hex(&registration["credential_id"]);
        key.aaguid = Uuid::from_slice(&hex(&registration["aaguid"])).unwrap();
        key.sign_count = None;
        if case.contains("self") {
            key.attestation = Attestation::Itself;
        }
        let mut creation = creation();
        creation["challenge"] = encode(&hex(&registration["challenge"])).into();
        let object = hex(&registration["attestationObject"]);
        let data = member_bytes(&item(&object), "authData").to_vec();
        let mut draft = key.create(&creation, "https://example.org").unwrap();
        draft.authenticator_data.flags = parts(&data).flags;
        assert_eq!(draft.authenticator_data.to_bytes(), data, "{case}");
        let client_data = hex(&registration["clientDataJSON"]);
        if let Some(extra) = serde_json::from_slice::<Value>(&client_data).unwrap().get("extraData") {
            draft.client_data.set("extraData", extra.clone());
        }
        assert_eq!(draft.client_data.to_bytes(), client_data, "{case}");
        let signed = draft.sign();
        if !case.starts_with("packed-e") {
            assert_eq!(signed.attestation_object, object, "{case}");
        }

        let mut request = request(&key.credential_id);
        request["challenge"] = encode(&hex(&authentication["challenge"])).into();
        let data = hex(&authentication["authenticatorData"]);
        let mut draft = key.get(&request, "https://example.org").unwrap();
        draft.authenticator_data.flags = parts(&data).flags;
        let client_data = hex(&authentication["clientDataJSON"]);
        if let Some(extra) = serde_json::from_slice::<Value>(&client_data).unwrap().get("extraData") {
            draft.client_data.set("extraData", extra.clone());
        }
        let signed = draft.sign();
        assert_eq!(signed.authenticator_data, data, "{case}");
        assert_eq!(signed.client_data, client_data, "{case}");
        assert_eq!(signed.signature, hex(&authentication["signature"]), "{case}");
    }
}
