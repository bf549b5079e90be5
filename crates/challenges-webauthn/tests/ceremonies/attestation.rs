//! Attestation: section 7.1, steps 21 to 24.

use challenges_core::webauthn::{Ceremonies as _, Credential, Rejected};
use challenges_testkit::webauthn::{Attestation, AttestationCa, Cbor, NewCredential, SecurityKey};
use challenges_webauthn::{AttestationCaListBuilder, Webauthn, WebauthnError};
use uuid::Uuid;

use crate::ceremony::{Ceremony, relying_party, trust_anchors};

const MAKER: u64 = 100;

fn anchors(maker: u64) -> challenges_webauthn::AttestationCaList {
    trust_anchors(&AttestationCa::new(maker).certificate())
}

/// Creates a key with a certificate from its maker.
fn attested_key(maker: u64) -> SecurityKey {
    let mut key = SecurityKey::new(1);
    key.attestation = Attestation::Packed(AttestationCa::new(maker).issue(key.aaguid, 7));
    key
}

fn u2f_key(maker: u64) -> SecurityKey {
    let mut key = SecurityKey::new(1);
    key.aaguid = Uuid::nil();
    key.verifies_user = false;
    key.attestation = Attestation::FidoU2f(AttestationCa::new(maker).issue(key.aaguid, 7));
    key
}

fn changed(
    webauthn: &Webauthn,
    key: &SecurityKey,
    change: impl Fn(&mut NewCredential),
) -> Result<Credential, Rejected> {
    let ceremony = Ceremony::any(webauthn);
    let mut draft = ceremony.create(&mut key.clone());
    change(&mut draft);
    ceremony.register_signed(&draft.sign())
}

fn register(webauthn: &Webauthn, key: &SecurityKey) -> Result<Credential, Rejected> {
    changed(webauthn, key, |_| {})
}

#[test]
fn statement_must_lead_to_a_trust_anchor() {
    let webauthn = Webauthn::builder().trust_anchors(anchors(MAKER)).build().unwrap();
    for key in [attested_key(MAKER), u2f_key(MAKER)] {
        let credential = register(&webauthn, &key).unwrap();
        assert!(credential.attestation_trusted);
        assert_eq!(credential.aaguid, key.aaguid);
    }
    for stranger in [attested_key(MAKER + 1), u2f_key(MAKER + 1)] {
        assert_eq!(register(&webauthn, &stranger), Err(Rejected::UntrustedAttestation));
        // Without trust anchors, untrusted statements are accepted.
        assert!(!register(&Webauthn::new(), &stranger).unwrap().attestation_trusted);
    }
    let mut key = SecurityKey::new(1);
    for attestation in [Attestation::None, Attestation::Itself] {
        key.attestation = attestation;
        assert_eq!(register(&webauthn, &key), Err(Rejected::UntrustedAttestation));
        assert!(!register(&Webauthn::new(), &key).unwrap().attestation_trusted);
    }
    // Repeated calls add trust anchors.
    let both = Webauthn::builder().trust_anchors(anchors(MAKER)).trust_anchors(anchors(MAKER + 1)).build().unwrap();
    assert!(register(&both, &attested_key(MAKER)).is_ok() && register(&both, &attested_key(MAKER + 1)).is_ok());
}

#[test]
fn invalid_statement_is_rejected_without_trust_anchors_too() {
    let trusting = Webauthn::builder().trust_anchors(anchors(MAKER)).build().unwrap();
    for webauthn in [Webauthn::new(), trusting] {
        // A signature by another key than the certificate's.
        let forge = |draft: &mut NewCredential| match &mut draft.attestation {
            Attestation::Packed(certificate) | Attestation::FidoU2f(certificate) => {
                certificate.private_key = SecurityKey::new(9).private_key;
            }
            _ => panic!("no certificate"),
        };
        assert_eq!(changed(&webauthn, &attested_key(MAKER), forge), Err(Rejected::Attestation));
        assert_eq!(changed(&webauthn, &u2f_key(MAKER), forge), Err(Rejected::Attestation));
        // Another AAGUID than the certificate's.
        let mut key = attested_key(MAKER);
        key.aaguid = Uuid::from_bytes([5; 16]);
        assert_eq!(register(&webauthn, &key), Err(Rejected::Attestation));
        // No certificate.
        let strip = |draft: &mut NewCredential| match &mut draft.attestation {
            Attestation::Packed(certificate) => certificate.chain.clear(),
            _ => panic!("no certificate"),
        };
        assert_eq!(changed(&webauthn, &attested_key(MAKER), strip), Err(Rejected::Attestation));
    }
    // Self attestation with another key.
    let mut key = SecurityKey::new(1);
    key.attestation = Attestation::Itself;
    let forge = |draft: &mut NewCredential| draft.private_key = SecurityKey::new(9).private_key;
    assert_eq!(changed(&Webauthn::new(), &key, forge), Err(Rejected::Attestation));
}

/// Formats and algorithms that cannot be verified prove nothing, as does a missing statement.
#[test]
fn unverifiable_statement_is_untrusted_without_trust_anchors() {
    let trusting = Webauthn::builder().trust_anchors(anchors(MAKER)).build().unwrap();
    let ecdsa_with_sha512 = b"\xa2\x63alg\x38\x23\x63sig\x41\x00";
    let unknown_algorithm = b"\xa2\x63alg\x38\x63\x63sig\x41\x00";
    for (format, statement, accepted) in [
        ("tpm", b"\xa0".as_slice(), true),
        ("android-safetynet", b"\xa0", true),
        ("compound", b"\xa0", true),
        ("later", b"\xa0", true),
        ("packed", unknown_algorithm, true),
        // Controls: another algorithm than the key's, and statements without their members.
        ("packed", ecdsa_with_sha512, false),
        ("packed", b"\xa0", false),
        ("fido-u2f", b"\xa0", false),
        ("apple", b"\xa0", false),
        ("android-key", b"\xa0", false),
        ("none", unknown_algorithm, false),
    ] {
        let mut key = SecurityKey::new(1);
        key.attestation = Attestation::Other { format: format.to_owned(), statement: Cbor::Raw(statement.to_vec()) };
        match register(&Webauthn::new(), &key) {
            Ok(credential) => assert_eq!((credential.attestation_trusted, accepted), (false, true), "{format}"),
            Err(reason) => assert_eq!((reason, accepted), (Rejected::Attestation, false), "{format}"),
        }
        assert!(register(&trusting, &key).is_err(), "{format}");
        let denying = Webauthn::builder().deny_aaguids([key.aaguid]).build().unwrap();
        assert!(register(&denying, &key).is_err(), "{format}");
    }
}

/// A change after attestation is rejected.
#[test]
fn statement_covers_client_and_authenticator_data() {
    let webauthn = Webauthn::new();
    let ceremony = Ceremony::any(&webauthn);
    let response = ceremony.create(&mut attested_key(MAKER)).sign().core_response().unwrap();
    assert!(ceremony.register(&response).is_ok());

    let mut other = response.clone();
    let at = other.client_data.len() - 1;
    other.client_data.insert(at, b' ');
    assert_eq!(ceremony.register(&other), Err(Rejected::Attestation));

    let mut other = response;
    let data = ceremony.create(&mut attested_key(MAKER)).authenticator_data.to_bytes();
    let at = other.attestation_object.windows(data.len()).position(|window| window == data).unwrap();
    let counter = at + 36;
    other.attestation_object[counter] ^= 1;
    assert_eq!(ceremony.register(&other), Err(Rejected::Attestation));
}

#[test]
fn aaguids_can_be_allowed_and_denied() {
    let key = attested_key(MAKER);
    let other = Uuid::from_bytes([5; 16]);
    let allowing = |aaguid| Webauthn::builder().trust_anchors(anchors(MAKER)).allow_aaguids([aaguid]).build().unwrap();
    assert!(register(&allowing(key.aaguid), &key).is_ok());
    assert_eq!(register(&allowing(other), &key), Err(Rejected::Aaguid));
    assert_eq!(register(&allowing(key.aaguid), &attested_key(MAKER + 1)), Err(Rejected::UntrustedAttestation));

    let denying = |aaguid| Webauthn::builder().deny_aaguids([aaguid]).build().unwrap();
    assert!(register(&denying(other), &key).is_ok());
    assert_eq!(register(&denying(key.aaguid), &key), Err(Rejected::Aaguid));

    // U2F does not attest the AAGUID, so a claimed AAGUID does not count.
    let mut liar = u2f_key(MAKER);
    liar.aaguid = other;
    assert_eq!(register(&allowing(other), &liar), Err(Rejected::Aaguid));
    assert_eq!(register(&Webauthn::new(), &liar).unwrap().aaguid, Uuid::from_bytes([0; 16]));
}

#[test]
fn trust_anchor_can_be_limited_to_devices() {
    let ca = AttestationCa::new(MAKER);
    let only = |aaguid: Uuid| {
        let mut anchors = AttestationCaListBuilder::new();
        anchors.insert_device_der(&ca.certificate(), aaguid, "Security key".into(), Default::default()).unwrap();
        Webauthn::builder().trust_anchors(anchors.build()).build().unwrap()
    };
    let key = attested_key(MAKER);
    assert!(register(&only(key.aaguid), &key).unwrap().attestation_trusted);
    assert_eq!(register(&only(Uuid::from_bytes([5; 16])), &key), Err(Rejected::Aaguid));
    assert_eq!(register(&only(Uuid::nil()), &u2f_key(MAKER)), Err(Rejected::Aaguid));
}

/// R45: webauthn-rs rejects frames, so statements made there are not verified.
#[test]
fn statements_from_frames_are_untrusted() {
    let frames = || Webauthn::builder().top_origins(relying_party(), ["https://example.com".parse().unwrap()]);
    let webauthn = frames().build().unwrap();
    let in_frame = |draft: &mut NewCredential| draft.client_data.set("crossOrigin", true);
    assert!(changed(&webauthn, &SecurityKey::new(1), in_frame).is_ok());
    assert!(!changed(&webauthn, &attested_key(MAKER), in_frame).unwrap().attestation_trusted);
    let trusting = frames().trust_anchors(anchors(MAKER)).build().unwrap();
    assert_eq!(changed(&trusting, &attested_key(MAKER), in_frame), Err(Rejected::CrossOrigin));
    assert_eq!(changed(&trusting, &SecurityKey::new(1), in_frame), Err(Rejected::UntrustedAttestation));
    let denying = frames().deny_aaguids([SecurityKey::new(1).aaguid]).build().unwrap();
    assert_eq!(changed(&denying, &SecurityKey::new(1), in_frame), Err(Rejected::Aaguid));
}

#[test]
fn trust_anchors_ask_for_direct_attestation() {
    let trusting = Webauthn::builder().trust_anchors(anchors(MAKER)).build().unwrap();
    assert!(trusting.requires_attestation() && !Webauthn::new().requires_attestation());
}

#[test]
fn impossible_policies_are_rejected() {
    let build = |builder: challenges_webauthn::WebauthnBuilder| builder.build().err();
    let aaguid = Uuid::from_bytes([5; 16]);
    assert_eq!(
        build(Webauthn::builder().allow_aaguids([aaguid])),
        Some(WebauthnError::AllowedAaguidsWithoutTrustAnchors)
    );
    assert_eq!(build(Webauthn::builder().trust_anchors(Default::default())), Some(WebauthnError::NoTrustAnchors));
    let nothing = Webauthn::builder().trust_anchors(anchors(MAKER)).allow_aaguids([]);
    assert_eq!(build(nothing), Some(WebauthnError::NoAllowedAaguids));
}
