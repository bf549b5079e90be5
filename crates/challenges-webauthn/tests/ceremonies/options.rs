use std::time::Duration;

use challenges_core::webauthn::{
    AttestationConveyance, AuthenticatorAttachment, AuthenticatorHint, Ceremonies as _, Creation, Credential,
    Preference, PublicChallenge, Request, Transport, UserHandle,
};
use challenges_testkit::webauthn::{AttestationCa, SecurityKey};
use challenges_webauthn::Webauthn;
use serde_json::json;

use crate::ceremony::{Ceremony, relying_party, trust_anchors};

fn credential(transports: &[Transport]) -> Credential {
    let webauthn = Webauthn::new();
    let ceremony = Ceremony::any(&webauthn);
    let registered = ceremony.register_signed(&ceremony.create(&mut SecurityKey::new(1)).sign()).unwrap();
    let id = vec![0xfb, 0xff].try_into().unwrap();
    Credential { id, transports: transports.to_vec(), ..registered }
}

fn creation(webauthn: &Webauthn, attestation: AttestationConveyance) -> serde_json::Value {
    let (known, unknown) = (credential(&[Transport::Cable, Transport::Usb, Transport::Hybrid]), credential(&[]));
    webauthn.creation_options(&Creation {
        relying_party: &relying_party(),
        challenge: &PublicChallenge::from([1; 32]),
        user_handle: &UserHandle::from([7; 32]),
        account: "ada",
        user_verification: Preference::Required,
        resident_key: Preference::Preferred,
        authenticator_attachment: None,
        hints: &[],
        attestation,
        exclude: vec![&known, &unknown],
        timeout: Duration::from_millis(60_500),
    })
}

/// PublicKeyCredentialCreationOptionsJSON (section 5.1.9), with every known member and no unknown one.
#[test]
fn creation_options_have_the_level_3_json_form() {
    let options = creation(&Webauthn::new(), AttestationConveyance::None);
    let expected = json!({
        "rp": {"id": "example.org", "name": "example.org"},
        "user": {"id": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc", "name": "ada", "displayName": "ada"},
        "challenge": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",
        "pubKeyCredParams": [
            {"type": "public-key", "alg": -7},
            {"type": "public-key", "alg": -35},
            {"type": "public-key", "alg": -257},
        ],
        "timeout": 60_500,
        "excludeCredentials": [
            {"type": "public-key", "id": "-_8", "transports": ["hybrid", "usb"]},
            {"type": "public-key", "id": "-_8"},
        ],
        "authenticatorSelection": {
            "residentKey": "preferred",
            "requireResidentKey": false,
            "userVerification": "required",
        },
        "attestation": "none",
    });
    assert_eq!(options, expected);
}

/// PublicKeyCredentialRequestOptionsJSON (section 5.1.10).
#[test]
fn request_options_have_the_level_3_json_form() {
    let (known, unknown) = (credential(&[Transport::Internal, Transport::Ble, Transport::Nfc]), credential(&[]));
    let options = Webauthn::new().request_options(&Request {
        relying_party: &relying_party(),
        challenge: &PublicChallenge::from([1; 32]),
        allow: vec![&known, &unknown],
        user_verification: Preference::Discouraged,
        timeout: Duration::MAX,
    });
    let expected = json!({
        "rpId": "example.org",
        "challenge": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",
        "allowCredentials": [
            {"type": "public-key", "id": "-_8", "transports": ["internal", "ble", "nfc"]},
            {"type": "public-key", "id": "-_8"},
        ],
        "userVerification": "discouraged",
        "timeout": u32::MAX,
    });
    assert_eq!(options, expected);
}

#[test]
fn creation_options_follow_the_configuration() {
    for attestation in [AttestationConveyance::None, AttestationConveyance::Indirect, AttestationConveyance::Direct] {
        assert_eq!(creation(&Webauthn::new(), attestation)["attestation"], attestation.as_str());
    }
    let anchors = trust_anchors(&AttestationCa::new(1).certificate());
    let builder = Webauthn::builder().trust_anchors(anchors).display_name(relying_party(), "Example");
    let options = creation(&builder.build().unwrap(), AttestationConveyance::None);
    assert_eq!(options["attestation"], "direct");
    assert_eq!(options["rp"], json!({"id": "example.org", "name": "Example"}));
}

#[test]
fn creation_options_select_authenticators() {
    use AuthenticatorAttachment::{CrossPlatform, Platform};
    use AuthenticatorHint::{ClientDevice, Hybrid, SecurityKey};
    for (resident_key, attachment, hints, expected) in [
        (
            Preference::Required,
            Some(Platform),
            [ClientDevice, Hybrid].as_slice(),
            json!(["required", true, "platform", ["client-device", "hybrid"]]),
        ),
        (
            Preference::Discouraged,
            Some(CrossPlatform),
            &[SecurityKey],
            json!(["discouraged", false, "cross-platform", ["security-key"]]),
        ),
        (Preference::Preferred, None, &[], json!(["preferred", false, null, null])),
    ] {
        let options = Webauthn::new().creation_options(&Creation {
            relying_party: &relying_party(),
            challenge: &PublicChallenge::from([1; 32]),
            user_handle: &UserHandle::from([7; 32]),
            account: "ada",
            user_verification: Preference::Preferred,
            resident_key,
            authenticator_attachment: attachment,
            hints,
            attestation: AttestationConveyance::None,
            exclude: Vec::new(),
            timeout: Duration::from_secs(60),
        });
        let selection = &options["authenticatorSelection"];
        let found = json!([
            selection["residentKey"],
            selection["requireResidentKey"],
            selection["authenticatorAttachment"],
            options["hints"],
        ]);
        assert_eq!(found, expected);
    }
}
