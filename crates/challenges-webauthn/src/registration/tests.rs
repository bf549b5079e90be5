#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use challenges_core::webauthn::{Preference, Registration, RegistrationResponse};
use challenges_testkit::webauthn::AttestationCa;
use serde_json::Value;
use uuid::Uuid;
use webauthn_rs_core::proto::AttestationCaListBuilder;

use super::*;

const DEVICES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors/webauthn-devices.json");
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases");

/// The refused recordings by name, algorithm and reason. `Webauthn` documents each reason.
const REFUSED: [(&str, i64, Rejected); 10] = [
    // Only ES256, ES384 and RS256 with 2,048 bits are offered.
    ("YubikeyFips5Nfc", -8, Rejected::Algorithm),
    ("Mldsa44", -48, Rejected::Algorithm),
    ("Mldsa87", -50, Rejected::Algorithm),
    ("rsp_d", -8, Rejected::Algorithm),
    ("verification", -37, Rejected::Algorithm),
    ("test_verify_pqc_ml_dsa_65_packed_response", -49, Rejected::Algorithm),
    ("PackedRS256WithMDS", -257, Rejected::PublicKey),
    // The key is a map with more entries than announced.
    ("response", -8, Rejected::AuthenticatorData),
    ("aPreviouslyFixedKeyCanBeVerified", -8, Rejected::AuthenticatorData),
    // No frame is allowed by default.
    ("NoneES256CrossOriginNotAllowed", -7, Rejected::CrossOrigin),
];

/// A registration recorded from a real authenticator.
struct Recorded {
    name: String,
    format: String,
    algorithm: i64,
    aaguid: Uuid,
    relying_party: String,
    origin: String,
    challenge: String,
    response: RegistrationResponse,
}

impl Recorded {
    /// Reads the recordings, or returns none if the file is absent.
    fn devices() -> Vec<Self> {
        let text = match std::fs::read_to_string(DEVICES) {
            Ok(text) => text,
            Err(error) => {
                eprintln!("skipped: cannot read the recorded registrations: {error}");
                return Vec::new();
            }
        };
        let devices: Value = serde_json::from_str(&text).unwrap();
        devices["registrations"].as_array().unwrap().iter().map(Self::device).collect()
    }

    fn device(json: &Value) -> Self {
        let text = |name: &str| json[name].as_str().unwrap().to_owned();
        let attestation_object = from_hex(&text("attestationObject"));
        Self {
            name: text("test"),
            format: text("fmt"),
            algorithm: json["alg"].as_i64().unwrap(),
            aaguid: Uuid::from_slice(&from_hex(&text("aaguid"))).unwrap(),
            relying_party: text("rp_id"),
            origin: text("origin"),
            challenge: text("challenge_text"),
            response: RegistrationResponse {
                credential_id: credential_id(&attestation_object).try_into().unwrap(),
                client_data: from_hex(&text("clientDataJSON")),
                attestation_object,
                transports: Vec::new(),
                user_handle: None,
            },
        }
    }

    fn refused(&self) -> Option<Rejected> {
        let mut refused = REFUSED.iter().filter(|(name, algorithm, _)| (*name, *algorithm) == self.key());
        refused.next().map(|(.., reason)| *reason)
    }

    fn key(&self) -> (&str, i64) {
        (&self.name, self.algorithm)
    }

    /// Returns the recordings that are not refused.
    fn accepted() -> impl Iterator<Item = Self> {
        Self::devices().into_iter().filter(|recorded| recorded.refused().is_none())
    }

    fn register(&self, policy: &AttestationPolicy) -> Result<Credential, Rejected> {
        register(&self.relying_party, &self.origin, &self.challenge, &self.response, policy)
    }
}

fn register(
    relying_party: &str,
    origin: &str,
    challenge: &str,
    response: &RegistrationResponse,
    policy: &AttestationPolicy,
) -> Result<Credential, Rejected> {
    let registration = Registration {
        relying_party: &relying_party.parse().unwrap(),
        origins: &[origin.parse().unwrap()],
        // Recorded challenges have other lengths than ours.
        challenge: &[0; 32].into(),
        user_verification: Preference::Preferred,
        response,
    };
    verify_answer(&registration, challenge, &[], policy)
}

fn from_hex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// Returns the signed credential id.
fn credential_id(attestation_object: &[u8]) -> Vec<u8> {
    let data = AttestationObject::read(attestation_object).unwrap().authenticator_data;
    let length = usize::from(u16::from_be_bytes([data[53], data[54]]));
    data[55..55 + length].to_vec()
}

fn trusting_a_stranger() -> AttestationPolicy {
    let mut anchors = AttestationCaListBuilder::new();
    let certificate = AttestationCa::new(1).certificate();
    anchors.insert_device_der(&certificate, Uuid::nil(), "Security key".into(), Default::default()).unwrap();
    AttestationPolicy { trust_anchors: Some(anchors.build()), ..AttestationPolicy::default() }
}

/// R44: Real authenticators register, or are refused for a documented reason.
#[test]
fn recorded_registrations_have_documented_verdicts() {
    let recordings = Recorded::devices();
    let mut refused = 0;
    for recorded in &recordings {
        let verdict = recorded.register(&AttestationPolicy::default());
        if let Some(reason) = recorded.refused() {
            assert_eq!(verdict, Err(reason), "{:?}", recorded.key());
            refused += 1;
            continue;
        }
        let credential = verdict.unwrap_or_else(|reason| panic!("{:?}: {reason}", recorded.key()));
        assert_eq!(credential.attestation_format, recorded.format);
        assert_eq!(credential.aaguid, recorded.aaguid, "{:?}", recorded.key());
        assert!(!credential.attestation_trusted, "{:?}", recorded.key());
    }
    assert_eq!(refused, if recordings.is_empty() { 0 } else { REFUSED.len() });
}

/// R44: Negative control: a statement of each verified format covers the client data.
#[test]
fn verified_formats_cover_the_client_data() {
    for mut recorded in Recorded::accepted() {
        recorded.response.client_data.push(b' ');
        let verdict = recorded.register(&AttestationPolicy::default());
        match recorded.format.as_str() {
            "packed" | "fido-u2f" | "apple" | "android-key" => {
                assert_eq!(verdict, Err(Rejected::Attestation), "{:?}", recorded.key());
            }
            // Not verified, and untrusted.
            "none" | "tpm" | "android-safetynet" => assert!(!verdict.unwrap().attestation_trusted),
            other => panic!("{other}"),
        }
    }
}

/// R44: With trust anchors, statements that lead elsewhere or cannot be verified are refused.
#[test]
fn recorded_registrations_need_a_trust_anchor() {
    let policy = trusting_a_stranger();
    for recorded in Recorded::accepted() {
        let reason = recorded.register(&policy).unwrap_err();
        let reasons = [Rejected::Attestation, Rejected::UntrustedAttestation];
        assert!(reasons.contains(&reason), "{:?}: {reason}", recorded.key());
    }
}

/// R44: Registrations from public reports: a `tpm` statement under RS1, and `tokenBinding` as text.
#[test]
fn reported_registrations_are_untrusted() {
    let Ok(cases) = std::fs::read_dir(CASES) else { return eprintln!("skipped: no reported registrations") };
    for path in cases.map(|case| case.unwrap().path()).filter(|path| path.extension().is_some_and(|it| it == "json")) {
        let case: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let Some(credential) = case.get("credential") else { continue };
        let response = RegistrationResponse::from_json(&credential.to_string()).unwrap();
        let client_data: Value = serde_json::from_slice(&response.client_data).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (relying_party, origin) = (text(&case["rp_id"]), text(&case["origin"]));
        let challenge = text(&client_data["challenge"]);
        let registered = |policy: &AttestationPolicy| register(&relying_party, &origin, &challenge, &response, policy);
        let credential = registered(&AttestationPolicy::default());
        let credential = credential.unwrap_or_else(|reason| panic!("{}: {reason}", path.display()));
        assert!(!credential.attestation_trusted);
        assert!(registered(&trusting_a_stranger()).is_err(), "{}", path.display());
    }
}
