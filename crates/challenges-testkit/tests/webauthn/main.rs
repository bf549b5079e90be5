//! The software authenticator, checked with an independent parser and the W3C test vectors.
#![allow(missing_docs, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use challenges_core::webauthn::Transport;
use challenges_testkit::webauthn::{
    Algorithm, Attestation, AttestationCa, Cbor, PrivateKey, Refused, SecurityKey, SignedAssertion, flags,
};
use ciborium::Value as Item;
use parser::{Parts, item, member, member_bytes, parts, signed_message, verifies};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

mod parser;
mod vectors;

const ORIGIN: &str = "https://login.example.org";
const ALGORITHMS: [Algorithm; 4] = [Algorithm::Es256, Algorithm::Es384, Algorithm::Rs256, Algorithm::EdDsa];

fn creation() -> Value {
    json!({
        "rp": {"id": "example.org", "name": "Example"},
        "user": {"id": encode(b"user handle"), "name": "ada", "displayName": "Ada"},
        "challenge": encode(&[7; 32]),
        "pubKeyCredParams": ALGORITHMS.map(|one| json!({"type": "public-key", "alg": one.cose()})),
        "attestation": "direct",
    })
}

fn request(id: &[u8]) -> Value {
    json!({
        "rpId": "example.org",
        "challenge": encode(&[8; 32]),
        "allowCredentials": [{"type": "public-key", "id": encode(b"other")}, {"type": "public-key", "id": encode(id)}],
        "userVerification": "preferred",
    })
}

fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &Value) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
}

fn asserted(key: &mut SecurityKey) -> SignedAssertion {
    key.get(&request(&key.credential_id.clone()), ORIGIN).unwrap().sign()
}

#[test]
fn every_algorithm_registers_and_signs_assertions() {
    for algorithm in ALGORITHMS {
        let mut key = SecurityKey::with_algorithm(algorithm, 3);
        key.attestation = Attestation::Itself;
        let registered = key.create(&creation(), ORIGIN).unwrap().sign().json();
        assert_eq!(registered["id"], encode(&key.credential_id).as_str());
        assert_eq!(registered["rawId"], registered["id"]);
        let client_data = decode(&registered["response"]["clientDataJSON"]);
        assert_eq!(
            serde_json::from_slice::<Value>(&client_data).unwrap(),
            json!({"type": "webauthn.create", "challenge": encode(&[7; 32]), "origin": ORIGIN, "crossOrigin": false})
        );

        let object = item(&decode(&registered["response"]["attestationObject"]));
        let data = member_bytes(&object, "authData").to_vec();
        assert_eq!(data, decode(&registered["response"]["authenticatorData"]));
        let Parts { rp_id_hash, flags, sign_count, attested } = parts(&data);
        assert_eq!(rp_id_hash, Sha256::digest("example.org").as_slice());
        assert_eq!((flags, sign_count), (flags::UP | flags::UV | flags::AT, 0));
        let (aaguid, id, public_key) = attested.unwrap();
        assert_eq!((aaguid.as_slice(), &id), (key.aaguid.as_bytes().as_slice(), &key.credential_id));
        assert_eq!(member(&object, "fmt").as_text(), Some("packed"));
        let statement = member(&object, "attStmt");
        assert_eq!(member(statement, "alg"), member(&public_key, 3));
        assert!(verifies(&public_key, &signed_message(&data, &client_data), member_bytes(statement, "sig")));

        let assertion = asserted(&mut key).json();
        let data = decode(&assertion["response"]["authenticatorData"]);
        let client_data = decode(&assertion["response"]["clientDataJSON"]);
        let signature = decode(&assertion["response"]["signature"]);
        assert_eq!(data.len(), 37);
        let Parts { rp_id_hash, flags, sign_count, .. } = parts(&data);
        assert_eq!(rp_id_hash, Sha256::digest("example.org").as_slice());
        assert_eq!((flags, sign_count), (flags::UP | flags::UV, 1));
        assert_eq!(serde_json::from_slice::<Value>(&client_data).unwrap()["type"], "webauthn.get");
        assert_eq!(decode(&assertion["response"]["userHandle"]), b"user handle");
        assert!(verifies(&public_key, &signed_message(&data, &client_data), &signature), "{algorithm:?}");

        let mut other = key.get(&request(&key.credential_id.clone()), ORIGIN).unwrap();
        other.private_key = PrivateKey::new(algorithm, 4);
        let other = other.sign();
        let message = signed_message(&other.authenticator_data, &other.client_data);
        assert!(!verifies(&public_key, &message, &other.signature), "{algorithm:?}: signature of another key");
    }
}

#[test]
fn every_rsa_key_signs() {
    let keys: Vec<_> = (0..4).map(|seed| PrivateKey::new(Algorithm::Rs256, seed)).collect();
    for (signing, key) in keys.iter().enumerate() {
        let signature = key.sign(b"message");
        for (verifying, other) in keys.iter().enumerate() {
            let public_key = item(&other.public_key().to_bytes());
            assert_eq!(verifies(&public_key, b"message", &signature), signing == verifying);
        }
    }
}

#[test]
fn changed_drafts_are_signed_as_changed() {
    let mut key = SecurityKey::new(1);
    key.create(&creation(), ORIGIN).unwrap();
    let mut draft = key.get(&request(&key.credential_id.clone()), ORIGIN).unwrap();
    draft.client_data.set("origin", "https://example.com");
    draft.client_data.set("topOrigin", "https://example.net");
    draft.client_data.remove("crossOrigin");
    draft.client_data.members.push(("type".to_owned(), json!("\"\u{1}")));
    draft.authenticator_data.rp_id = "example.com".to_owned();
    draft.authenticator_data.flags = flags::RFU1 | flags::AT | flags::ED;
    draft.authenticator_data.sign_count = u32::MAX;
    draft.authenticator_data.attested = Some(key.attested_credential());
    draft.authenticator_data.extensions = Cbor::map([("credProtect", 2.into())]).to_bytes();
    let signed = draft.sign();
    let text = format!(
        r#"{{"type":"webauthn.get","challenge":"{}","origin":"https://example.com","topOrigin":"https://example.net","type":"\"\u0001"}}"#,
        encode(&[8; 32])
    );
    assert_eq!(String::from_utf8(signed.client_data.clone()).unwrap(), text);
    let (attested, extensions) = signed.authenticator_data.split_at(signed.authenticator_data.len() - 14);
    let public_key = item(&key.private_key.public_key().to_bytes());
    let Parts { rp_id_hash, flags, sign_count, attested } = parts(attested);
    assert_eq!(rp_id_hash, Sha256::digest("example.com").as_slice());
    assert_eq!((flags, sign_count), (0b1100_0010, u32::MAX));
    assert_eq!(attested.unwrap().2, public_key);
    assert_eq!(*member(&item(extensions), "credProtect"), Item::from(2));
    let message = signed_message(&signed.authenticator_data, &signed.client_data);
    assert!(verifies(&public_key, &message, &signed.signature));

    let signed = draft.sign_bytes(b"no json".to_vec(), vec![1, 2]);
    assert_eq!((signed.client_data.as_slice(), signed.authenticator_data.as_slice()), (&b"no json"[..], &[1, 2][..]));
    assert!(verifies(&public_key, &signed_message(&[1, 2], b"no json"), &signed.signature));
}

#[test]
fn certificates_chain_to_their_authority() {
    let authority = AttestationCa::new(5);
    let root = Certificate::from_der(&authority.certificate()).unwrap();
    let key = SecurityKey::new(1);
    let certificate = authority.issue(key.aaguid, 6);
    let leaf = Certificate::from_der(&certificate.chain[0]).unwrap();
    let public_key = root.tbs_certificate().subject_public_key_info().subject_public_key.raw_bytes();
    let public_key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public_key);
    for (certificate, ca) in [(&root, true), (&leaf, false)] {
        let body = certificate.tbs_certificate();
        assert_eq!(body.version(), x509_cert::Version::V3);
        assert_eq!(body.issuer(), root.tbs_certificate().subject());
        public_key.verify(&body.to_der().unwrap(), certificate.signature().raw_bytes()).unwrap();
        let (critical, constraints) = body.get_extension::<BasicConstraints>().unwrap().unwrap();
        assert_eq!((critical, constraints.ca), (true, ca));
    }
    let (_, usage) = root.tbs_certificate().get_extension::<KeyUsage>().unwrap().unwrap();
    assert!(usage.key_cert_sign());
    let body = leaf.tbs_certificate();
    assert_eq!(
        body.subject_public_key_info().subject_public_key.raw_bytes()[1..33],
        *member_bytes(&item(&certificate.private_key.public_key().to_bytes()), -2)
    );
    let make =
        body.extensions().unwrap().iter().find(|it| it.extn_id.to_string() == "1.3.6.1.4.1.45724.1.1.4").unwrap();
    assert!(!make.critical);
    assert_eq!(make.extn_value.as_bytes(), [&[4, 16], key.aaguid.as_bytes().as_slice()].concat());
    assert!(body.subject().to_string().contains("Authenticator Attestation"));
}

#[test]
fn attestations_are_signed_by_their_certificate() {
    let mut key = SecurityKey::new(1);
    let certificate = AttestationCa::new(5).issue(key.aaguid, 6);
    let mut attested = |attestation: Attestation| {
        let mut draft = key.create(&creation(), ORIGIN).unwrap();
        draft.attestation = attestation;
        let signed = draft.sign();
        let object = item(&signed.attestation_object);
        (member(&object, "attStmt").clone(), signed)
    };
    let key_of_certificate = item(&certificate.private_key.public_key().to_bytes());

    let (statement, signed) = attested(Attestation::Packed(certificate.clone()));
    let message = signed_message(&signed.authenticator_data, &signed.client_data);
    assert!(verifies(&key_of_certificate, &message, member_bytes(&statement, "sig")));
    assert_eq!(member(&statement, "x5c").as_array().unwrap(), &[Item::from(certificate.chain[0].clone())]);

    let (statement, signed) = attested(Attestation::FidoU2f(certificate));
    let (_, id, cose_key) = parts(&signed.authenticator_data).attested.unwrap();
    let message = [
        &[0],
        Sha256::digest("example.org").as_slice(),
        Sha256::digest(&signed.client_data).as_slice(),
        &id,
        &[4],
        member_bytes(&cose_key, -2),
        member_bytes(&cose_key, -3),
    ]
    .concat();
    assert!(verifies(&key_of_certificate, &message, member_bytes(&statement, "sig")));
    assert_eq!(statement.as_map().unwrap().len(), 2);
}

#[test]
fn flags_and_counter_follow_key_and_options() {
    let flags_of = |key: &mut SecurityKey, verification: Option<&str>| {
        let (mut creation, mut request) = (creation(), request(&key.credential_id));
        request.as_object_mut().unwrap().remove("userVerification");
        if let Some(verification) = verification {
            creation["authenticatorSelection"] = json!({"userVerification": verification});
            request["userVerification"] = verification.into();
        }
        let created = key.create(&creation, ORIGIN).unwrap().authenticator_data;
        let used = key.get(&request, ORIGIN).unwrap().authenticator_data;
        assert_eq!(created.flags, used.flags | flags::AT);
        used.flags
    };
    let mut key = SecurityKey::new(1);
    for asked in [None, Some("preferred"), Some("required")] {
        assert_eq!(flags_of(&mut key, asked), flags::UP | flags::UV, "{asked:?}");
    }
    assert_eq!(flags_of(&mut key, Some("discouraged")), flags::UP);
    key.verifies_user = false;
    assert_eq!(flags_of(&mut key, Some("required")), flags::UP);
    key.backup_eligible = true;
    assert_eq!(flags_of(&mut key, None), flags::UP | flags::BE);
    key.backed_up = true;
    assert_eq!(flags_of(&mut key, None), flags::UP | flags::BE | flags::BS);

    let count = |key: &mut SecurityKey| parts(&asserted(key).authenticator_data).sign_count;
    key.sign_count = Some(41);
    assert_eq!(key.create(&creation(), ORIGIN).unwrap().authenticator_data.sign_count, 41);
    assert_eq!((count(&mut key), count(&mut key)), (42, 43));
    key.sign_count = None;
    assert_eq!((count(&mut key), count(&mut key)), (0, 0));
}

#[test]
fn unsuitable_options_are_refused() {
    let mut key = SecurityKey::with_algorithm(Algorithm::Es384, 1);
    let id = key.credential_id.clone();
    assert_eq!(key.get(&request(&id), ORIGIN).unwrap_err(), Refused::NoCredential);

    let with = |mut options: Value, name: &str, value: Value| {
        options[name] = value;
        options
    };
    let offered = with(creation(), "pubKeyCredParams", json!([{"type": "public-key", "alg": -7}]));
    assert_eq!(key.create(&offered, ORIGIN).unwrap_err(), Refused::Algorithm);
    let excluded = with(creation(), "excludeCredentials", json!([{"type": "public-key", "id": encode(&id)}]));
    assert_eq!(key.create(&excluded, ORIGIN).unwrap_err(), Refused::Excluded);
    let malformed = with(creation(), "challenge", "not base64url!".into());
    assert_eq!(key.create(&malformed, ORIGIN).unwrap_err(), Refused::Options("/challenge"));
    assert_eq!(key.get(&request(&id), ORIGIN).unwrap_err(), Refused::NoCredential);

    key.create(&creation(), ORIGIN).unwrap();
    assert!(key.get(&request(&id), ORIGIN).is_ok());
    assert_eq!(key.get(&request(b"another"), ORIGIN).unwrap_err(), Refused::NoCredential);
    let elsewhere = with(request(&id), "rpId", "example.com".into());
    assert_eq!(key.get(&elsewhere, ORIGIN).unwrap_err(), Refused::NoCredential);
    let unnamed = with(request(&id), "allowCredentials", json!([]));
    assert!(key.get(&unnamed, ORIGIN).unwrap().sign().user_handle.is_some());
    key.keeps_user_handle = false;
    assert_eq!(key.get(&unnamed, ORIGIN).unwrap_err(), Refused::NoCredential);
    assert_eq!(key.get(&request(&id), ORIGIN).unwrap().sign().user_handle, None);
}

#[test]
fn every_response_form_has_equal_contents() {
    let mut key = SecurityKey::new(1);
    key.attestation = Attestation::Itself;
    key.transports = vec![Transport::Nfc, Transport::Hybrid];
    let indirect = key.create(&creation(), ORIGIN).unwrap().sign();
    assert_ne!(indirect, {
        let mut creation = creation();
        creation["attestation"] = "none".into();
        key.create(&creation, ORIGIN).unwrap().sign()
    });
    let core = indirect.core_response().unwrap();
    assert_eq!(core.credential_id.as_bytes(), key.credential_id);
    assert_eq!(core.transports, key.transports);
    assert_eq!(indirect.answer()["authenticator_data"], encode(&core.attestation_object).as_str());
    assert_eq!(indirect.json()["response"]["attestationObject"], encode(&core.attestation_object).as_str());
    assert_eq!(indirect.json()["response"]["transports"], json!(["nfc", "hybrid"]));

    let assertion = asserted(&mut key);
    let answer: Value = serde_json::from_str(&assertion.answer()).unwrap();
    assert_eq!(decode(&assertion.answer_base64url().into()), assertion.answer().as_bytes());
    let json = assertion.json();
    let core = assertion.core_response().unwrap();
    for (part, path, bytes) in [
        ("credential_id", "/id", core.credential_id.as_bytes()),
        ("client_data", "/response/clientDataJSON", &core.client_data),
        ("authenticator_data", "/response/authenticatorData", &core.authenticator_data),
        ("signature", "/response/signature", &core.signature),
        ("user_handle", "/response/userHandle", core.user_handle.as_ref().unwrap()),
    ] {
        assert_eq!(decode(&answer[part]), bytes, "{part}");
        assert_eq!(Some(&answer[part]), json.pointer(path), "{part}");
    }
}

#[test]
fn credential_ids_of_any_length_are_accepted() {
    for length in [0, 1, 255, 256, 1_023, 1_024, 2_000] {
        let mut key = SecurityKey::new(1);
        key.credential_id = vec![9; length];
        let signed = key.create(&creation(), ORIGIN).unwrap().sign();
        let (_, id, _) = parts(&signed.authenticator_data).attested.unwrap();
        assert_eq!(id, key.credential_id);
        assert_eq!(signed.core_response().is_ok(), (1..=1_023).contains(&length), "{length}");
    }
}

#[test]
fn cbor_is_readable_by_an_independent_parser() {
    for number in [0, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296, i64::MAX] {
        for number in [number, -1 - number] {
            let bytes = Cbor::from(number).to_bytes();
            assert_eq!(item(&bytes), Item::from(number));
            let mut shortest = Vec::new();
            ciborium::into_writer(&number, &mut shortest).unwrap();
            assert_eq!(bytes, shortest);
        }
    }
    let mut map = Cbor::map([(1, "text".into()), (-70_000, vec![0; 300].into())]);
    map.set(1, Cbor::Array(vec![Cbor::Raw(vec![0xf5])]));
    map.set("new", 3);
    map.remove(-70_000);
    let expected = vec![(1.into(), Item::Array(vec![true.into()])), ("new".into(), 3.into())];
    assert_eq!(item(&map.to_bytes()), Item::Map(expected));
}
