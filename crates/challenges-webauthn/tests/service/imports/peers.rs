//! Rows of other libraries, each in the form of that library, with a key of the testkit as the old authenticator.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as BASE64_URL, Engine as _};
use challenges_testkit::webauthn::{Algorithm, AttestationCa, SecurityKey};
use challenges_webauthn::AttestationCaList;
use serde_json::{Map, Value, json};
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::proto::{COSEAlgorithm, UserVerificationPolicy};

use crate::harness::ORIGIN;

/// The user handle of the other system, in base64url.
pub(super) const HANDLE: &str = "dGhlIG9sZCB1c2VyIGhhbmRsZQ";

/// A credential of the other system.
pub(super) struct Old {
    pub(super) key: SecurityKey,
    pub(super) public_key: Vec<u8>,
}

impl Old {
    pub(super) fn new(algorithm: Algorithm) -> Self {
        Self::of(SecurityKey::with_algorithm(algorithm, 1))
    }

    /// Registers a key with the other system.
    pub(super) fn of(mut key: SecurityKey) -> Self {
        let public_key = key.attested_credential().public_key.to_bytes();
        let algorithms: Vec<_> =
            [-7, -8, -35, -257].map(|alg| json!({ "type": "public-key", "alg": alg })).into_iter().collect();
        let options = json!({
            "challenge": BASE64_URL.encode([3; 32]),
            "rp": { "id": "example.org", "name": "Old" },
            "user": { "id": HANDLE, "name": "ann", "displayName": "Ann" },
            "pubKeyCredParams": algorithms,
            "excludeCredentials": [],
            "authenticatorSelection": { "userVerification": "preferred" },
        });
        key.sign_count = key.sign_count.map(|_| 41);
        key.create(&options, ORIGIN).unwrap();
        Self { key, public_key }
    }

    fn id(&self) -> Vec<u8> {
        self.key.attested_credential().id
    }
}

type Peer = fn(Algorithm) -> (Old, Value);

/// Each library, with the algorithms that it has in common with this one.
pub(super) const ALL: &[(&str, Algorithm, Peer)] = &[
    ("COSE keys", Algorithm::Es256, cose),
    ("COSE keys", Algorithm::Es384, cose),
    ("COSE keys", Algorithm::Rs256, cose),
    ("webauthn-rs 0.6", Algorithm::Es256, webauthn_rs),
    ("webauthn-rs 0.6", Algorithm::Es384, webauthn_rs),
    ("webauthn-rs 0.6", Algorithm::Rs256, webauthn_rs),
    ("webauthn-rs 0.5", Algorithm::Es256, webauthn_rs_text),
    ("py_webauthn in PostgreSQL", Algorithm::Es256, py_webauthn),
    ("py_webauthn in PostgreSQL", Algorithm::Rs256, py_webauthn),
    ("SimpleWebAuthn", Algorithm::Es256, simple_webauthn),
    ("SimpleWebAuthn", Algorithm::Es384, simple_webauthn),
    ("better-auth", Algorithm::Es256, better_auth),
];

/// Returns the credential under the names of the standard.
pub(super) fn columns(old: &Old) -> Value {
    json!({
        "credential_id": BASE64_URL.encode(old.id()),
        "public_key": BASE64_URL.encode(&old.public_key),
        "sign_count": old.key.sign_count.unwrap_or(0),
        "aaguid": old.key.aaguid.to_string(),
        "backup_eligible": old.key.backup_eligible,
        "backup_state": old.key.backed_up,
        "user_verified": false,
        "transports": ["usb"],
    })
}

fn cose(algorithm: Algorithm) -> (Old, Value) {
    let old = Old::new(algorithm);
    let row = json!({ "webauthn": columns(&old), "relying_party_id": "example.org", "user_handle": HANDLE });
    (old, row)
}

/// The fields of `VerifiedRegistration`, with the bytes in `bytea` columns.
fn py_webauthn(algorithm: Algorithm) -> (Old, Value) {
    let old = Old::new(algorithm);
    let bytea = |bytes: &[u8]| bytes.iter().fold("\\x".to_owned(), |text, byte| format!("{text}{byte:02x}"));
    let row = json!({
        "rp_id": "example.org",
        "user_handle": HANDLE,
        "webauthn": {
            "id": 12,
            "user_id": 7,
            "credential_id": bytea(&old.id()),
            "credential_public_key": bytea(&old.public_key),
            "sign_count": 41,
            "aaguid": old.key.aaguid.to_string(),
            "credential_device_type": "single_device",
            "credential_backed_up": false,
            "transports": null,
        },
    });
    (old, row)
}

/// The columns of the documentation's `Passkey` type, by `JSON.stringify`: bytes are objects, and flags may be numbers.
fn simple_webauthn(algorithm: Algorithm) -> (Old, Value) {
    let mut key = SecurityKey::with_algorithm(algorithm, 2);
    (key.backup_eligible, key.backed_up) = (true, true);
    let old = Old::of(key);
    let numbered = old.public_key.iter().enumerate().map(|(index, byte)| (index.to_string(), json!(byte)));
    let row = json!({
        "rp_id": "example.org",
        "user_handle": HANDLE,
        "webauthn": {
            "id": BASE64_URL.encode(old.id()),
            "publicKey": numbered.collect::<Map<_, _>>(),
            "user": { "id": 7, "username": "ann" },
            "webauthnUserID": HANDLE,
            "counter": 41,
            "deviceType": "multiDevice",
            "backedUp": 1,
            "transports": "internal,hybrid",
        },
    });
    (old, row)
}

/// The table `passkey` of the passkey plugin. The plugin draws the user handle at random and does not keep it.
fn better_auth(algorithm: Algorithm) -> (Old, Value) {
    let old = Old::new(algorithm);
    let row = json!({
        "rp_id": "example.org",
        "user_handle": null,
        "webauthn": {
            "id": "Zb3YkQ0xW5sTnR7uVfGhJp2cLd9eXa4m",
            "name": "Key of Ann",
            "publicKey": BASE64_STANDARD.encode(&old.public_key),
            "userId": "n8PqRs6TuVwXyZ1aBc2De3Fg4Hi5Jk7L",
            "credentialID": BASE64_URL.encode(old.id()),
            "counter": 41,
            "deviceType": "singleDevice",
            "backedUp": false,
            "transports": "",
            "createdAt": "2025-04-01T09:30:00.000Z",
            "aaguid": old.key.aaguid.to_string(),
        },
    });
    (old, row)
}

/// The JSON of a `Passkey`: a credential that webauthn-rs itself registered.
fn webauthn_rs(algorithm: Algorithm) -> (Old, Value) {
    let mut key = SecurityKey::with_algorithm(algorithm, 3);
    key.sign_count = Some(41);
    let origins = vec![ORIGIN.parse().unwrap()];
    let webauthn =
        WebauthnCore::new_unsafe_experts_only("Old", "example.org", origins, Duration::from_secs(60), None, None);
    let handle = BASE64_URL.decode(HANDLE).unwrap();
    let builder = webauthn.new_challenge_register_builder(&handle, "ann", "Ann").unwrap();
    let algorithms = vec![COSEAlgorithm::ES256, COSEAlgorithm::ES384, COSEAlgorithm::RS256];
    let builder = builder.user_verification_policy(UserVerificationPolicy::Required).credential_algorithms(algorithms);
    let (options, state) = webauthn.generate_challenge_register(builder).unwrap();
    let created = key.create(&serde_json::to_value(options.public_key).unwrap(), ORIGIN).unwrap().sign();
    let registration = serde_json::from_value(created.json()).unwrap();
    let credential = webauthn.register_credential(&registration, &state, None).unwrap();
    let row = json!({ "webauthn": { "cred": credential }, "rp_id": "example.org", "user_handle": HANDLE });
    let public_key = key.attested_credential().public_key.to_bytes();
    (Old { key, public_key }, row)
}

/// The JSON of a `Passkey` of version 0.5 in a text column, and a user handle that is a UUID.
fn webauthn_rs_text(algorithm: Algorithm) -> (Old, Value) {
    let old = Old::new(algorithm);
    // {1: 2, 3: -7, -1: 1, -2: x, -3: y}, in this order and the shortest form.
    let (x, y) = (&old.public_key[10..42], &old.public_key[45..77]);
    let passkey = json!({
        "cred": {
            "cred_id": BASE64_URL.encode(old.id()),
            "cred": {
                "type_": "ES256",
                "key": { "EC_EC2": { "curve": "SECP256R1", "x": BASE64_URL.encode(x), "y": BASE64_URL.encode(y) } },
            },
            "counter": 41,
            "transports": null,
            "user_verified": true,
            "backup_eligible": false,
            "backup_state": false,
            "registration_policy": "required",
            "extensions": { "cred_protect": "Ignored", "hmac_create_secret": "NotRequested", "appid": "NotRequested", "cred_props": "Ignored" },
            "attestation": { "data": "None", "metadata": "None" },
            "attestation_format": "none",
        },
    });
    let row = json!({ "webauthn": passkey.to_string(), "rp_id": "example.org", "user_handle": HANDLE });
    (old, row)
}

/// Returns trust anchors, so that registration needs attestation.
pub(super) fn anchors() -> AttestationCaList {
    let base64 = BASE64_STANDARD.encode(AttestationCa::new(100).certificate());
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
    AttestationCaList::try_from(pem.as_bytes()).unwrap()
}
