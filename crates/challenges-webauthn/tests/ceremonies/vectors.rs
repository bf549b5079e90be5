//! R44: The test vectors of WebAuthn Level 3 (section 16): registration, then authentication.

use challenges_core::webauthn::{
    AuthenticationResponse, Credential, Preference, PublicChallenge, RegistrationResponse, Rejected,
};
use challenges_testkit::webauthn::AttestationCa;
use challenges_webauthn::Webauthn;
use serde_json::Value;

use crate::ceremony::{Ceremony, from_hex, relying_party, trust_anchors};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors/webauthn-l3-test-vectors.json");

fn vectors() -> Option<Value> {
    match std::fs::read_to_string(PATH) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(error) => {
            eprintln!("skipped: cannot read the WebAuthn test vectors: {error}");
            None
        }
    }
}

struct Vector<'a>(&'a Value);

impl<'a> Vector<'a> {
    fn all(vectors: &'a Value) -> impl Iterator<Item = Self> {
        vectors["cases"].as_array().unwrap().iter().map(Vector)
    }

    fn id(&self) -> &'a str {
        self.0["id"].as_str().unwrap()
    }

    /// Returns whether the key's algorithm is offered. The RSA key of the vectors has 3,482 bits, and only 2,048 are
    /// accepted.
    fn is_supported(&self) -> bool {
        !["packed-es512", "packed-eddsa", "packed-ed448", "packed-rs256"].contains(&self.id())
    }

    fn bytes(&self, pointer: &str) -> Vec<u8> {
        from_hex(self.0.pointer(pointer).unwrap().as_str().unwrap())
    }

    fn challenge(&self, pointer: &str) -> PublicChallenge {
        <[u8; 32]>::try_from(self.bytes(pointer)).unwrap().into()
    }

    fn registration(&self) -> RegistrationResponse {
        RegistrationResponse {
            credential_id: self.bytes("/registration/credential_id").try_into().unwrap(),
            client_data: self.bytes("/registration/clientDataJSON"),
            attestation_object: self.bytes("/registration/attestationObject"),
            transports: Vec::new(),
            user_handle: None,
        }
    }

    /// Returns the registration without an attestation statement.
    fn unattested(&self) -> RegistrationResponse {
        let response = self.registration();
        let start = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68";
        let at = response.attestation_object.windows(8).position(|name| name == b"authData").unwrap();
        let attestation_object = [start, &response.attestation_object[at..]].concat();
        RegistrationResponse { attestation_object, ..response }
    }

    fn assertion(&self) -> AuthenticationResponse {
        AuthenticationResponse {
            credential_id: self.bytes("/registration/credential_id").try_into().unwrap(),
            client_data: self.bytes("/authentication/clientDataJSON"),
            authenticator_data: self.bytes("/authentication/authenticatorData"),
            signature: self.bytes("/authentication/signature"),
            user_handle: None,
        }
    }

    fn register(&self, webauthn: &Webauthn) -> Result<Credential, Rejected> {
        self.register_as(webauthn, &self.registration())
    }

    fn register_as(&self, webauthn: &Webauthn, response: &RegistrationResponse) -> Result<Credential, Rejected> {
        let challenge = self.challenge("/registration/challenge");
        Ceremony::new(webauthn, challenge, Preference::Discouraged).register(response)
    }

    fn authenticate(&self, webauthn: &Webauthn, credential: &Credential) -> Result<(), Rejected> {
        let challenge = self.challenge("/authentication/challenge");
        let ceremony = Ceremony::new(webauthn, challenge, Preference::Discouraged);
        let asserted = ceremony.authenticate(credential, &self.assertion())?;
        // No authenticator of the vectors has a counter.
        assert!(asserted.counter_grew(credential.sign_count), "{}", self.id());
        Ok(())
    }
}

/// Creates ceremonies that allow the vectors' frames.
fn in_frames() -> Webauthn {
    Webauthn::builder().top_origins(relying_party(), ["https://example.com".parse().unwrap()]).build().unwrap()
}

/// R44, R49: Every vector with an offered algorithm registers and authenticates.
#[test]
fn vectors_of_offered_algorithms_pass() {
    let Some(vectors) = vectors() else { return };
    let webauthn = in_frames();
    let mut used = 0;
    for vector in Vector::all(&vectors).filter(Vector::is_supported) {
        let id = vector.id();
        let other = vector.register_as(&webauthn, &vector.unattested()).unwrap();
        let credential = vector.register(&webauthn).unwrap_or_else(|rejected| panic!("{id}: {rejected}"));
        assert!(id.starts_with(&credential.attestation_format), "{id}: {}", credential.attestation_format);
        assert!(!credential.attestation_trusted, "{id}");
        assert_eq!((&credential.id, &credential.public_key), (&other.id, &other.public_key), "{id}");
        assert_eq!(vector.authenticate(&webauthn, &credential), Ok(()), "{id}");
        used += 1;
    }
    assert_eq!(used, 11);
}

/// R44: Negative control: no vector passes with another vector's signature.
#[test]
fn swapped_vector_signatures_are_rejected() {
    let Some(vectors) = vectors() else { return };
    let webauthn = in_frames();
    let supported: Vec<_> = Vector::all(&vectors).filter(Vector::is_supported).collect();
    for (vector, other) in supported.iter().zip(supported.iter().skip(1)) {
        let credential = vector.register_as(&webauthn, &vector.unattested()).unwrap();
        let challenge = vector.challenge("/authentication/challenge");
        let ceremony = Ceremony::new(&webauthn, challenge, Preference::Discouraged);
        let forged = AuthenticationResponse { signature: other.assertion().signature, ..vector.assertion() };
        assert_eq!(ceremony.authenticate(&credential, &forged), Err(Rejected::Signature), "{}", vector.id());
    }
}

/// R45: The vectors in frames are rejected unless their page is configured.
#[test]
fn frame_vectors_are_rejected_by_default() {
    let Some(vectors) = vectors() else { return };
    let elsewhere = Webauthn::builder().top_origins(relying_party(), ["https://example.net".parse().unwrap()]);
    let elsewhere = elsewhere.build().unwrap();
    for (id, in_other_page) in [("none-es256-crossOrigin", None), ("none-es256-topOrigin", Some(Rejected::TopOrigin))] {
        let vector = Vector::all(&vectors).find(|vector| vector.id() == id).unwrap();
        let credential = vector.register(&in_frames()).unwrap();
        assert_eq!(vector.register(&Webauthn::new()), Err(Rejected::CrossOrigin), "{id}");
        assert_eq!(vector.authenticate(&Webauthn::new(), &credential), Err(Rejected::CrossOrigin), "{id}");
        assert_eq!(vector.register(&elsewhere).err(), in_other_page, "{id}");
        assert_eq!(vector.authenticate(&elsewhere, &credential).err(), in_other_page, "{id}");
    }
}

/// R49: Vectors with other algorithms are rejected.
#[test]
fn vectors_of_other_algorithms_are_rejected() {
    let Some(vectors) = vectors() else { return };
    for vector in Vector::all(&vectors).filter(|vector| !vector.is_supported()) {
        // One vector's challenges have another length than core's, so replace them. Attestation would detect the change,
        // but is checked last.
        let mut client_data: Value = serde_json::from_slice(&vector.registration().client_data).unwrap();
        let challenge = PublicChallenge::from([3; 32]);
        client_data["challenge"] = challenge.to_string().into();
        let client_data = client_data.to_string().into_bytes();
        let response = RegistrationResponse { client_data, ..vector.registration() };
        let webauthn = Webauthn::new();
        let ceremony = Ceremony::new(&webauthn, challenge, Preference::Discouraged);
        let why = if vector.id() == "packed-rs256" { Rejected::PublicKey } else { Rejected::Algorithm };
        assert_eq!(ceremony.register(&response), Err(why), "{}", vector.id());
    }
}

/// Steps 23 and 24 of section 7.1.
#[test]
fn vector_attestation_must_lead_to_trust_anchors() {
    let Some(vectors) = vectors() else { return };
    let root = Vector(&vectors).bytes("/attestation_root/attestation_ca_cert");
    let trusting = Webauthn::builder().trust_anchors(trust_anchors(&root)).build().unwrap();
    let stranger = trust_anchors(&AttestationCa::new(1).certificate());
    let mistrusting = Webauthn::builder().trust_anchors(stranger).build().unwrap();
    let mut trusted = Vec::new();
    for vector in Vector::all(&vectors).filter(Vector::is_supported) {
        if let Ok(credential) = vector.register(&trusting) {
            assert!(credential.attestation_trusted, "{}", vector.id());
            trusted.push(vector.id());
            assert_eq!(vector.register(&mistrusting), Err(Rejected::UntrustedAttestation), "{}", vector.id());
        } else {
            assert!(vector.register(&mistrusting).is_err(), "{}", vector.id());
        }
    }
    // webauthn-rs rejects the TPM statement. The `android-key` certificate lacks the key's origin and purpose, which
    // section 8.4 requires.
    assert_eq!(trusted, ["packed-es256", "packed-es384", "apple-es256", "fido-u2f-es256"]);
    for id in ["none-es256", "packed-self-es256"] {
        let vector = Vector::all(&vectors).find(|vector| vector.id() == id).unwrap();
        assert_eq!(vector.register(&trusting), Err(Rejected::UntrustedAttestation), "{id}");
    }
}
