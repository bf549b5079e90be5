#![allow(clippy::unwrap_used)]

use ::base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::json;

use super::encoding::decode_base64;
use super::*;
use crate::error::Invalid;

#[test]
fn relying_party_ids_are_domains() {
    for id in ["localhost", "example.org", "login.example.org", "xn--bcher-kva.example", "a-b.c"] {
        let parsed: RelyingPartyId = id.parse().unwrap();
        assert_eq!(parsed.as_str(), id);
        assert_eq!(parsed.https_origin().as_str(), format!("https://{id}"));
    }
    let long = format!("{}.example", "a.".repeat(125));
    let wrong = [
        "",
        ".",
        "example.org.",
        "EXAMPLE.org",
        "bücher.example",
        "https://example.org",
        "example.org:443",
        "a@b.example",
        "example.org/",
        "example.org?",
        "example.org#",
        "192.0.2.1",
        "0x7f.1",
        "[::1]",
        "a b",
        " a",
        "a\t",
        "a\\b",
        "%61",
        "a..b%",
        &long,
    ];
    for id in wrong {
        assert_eq!(id.parse::<RelyingPartyId>().unwrap_err(), Invalid::RelyingParty, "{id:?}");
    }
}

#[test]
fn preferences_parse_by_their_names() {
    for (text, parsed) in [
        ("required", Ok(Preference::Required)),
        ("preferred", Ok(Preference::Preferred)),
        ("discouraged", Ok(Preference::Discouraged)),
        ("Required", Err(Invalid::UserVerification)),
        ("", Err(Invalid::UserVerification)),
    ] {
        assert_eq!(text.parse::<Preference>(), parsed, "{text:?}");
    }
    for (text, parsed) in [
        ("none", Ok(AttestationConveyance::None)),
        ("indirect", Ok(AttestationConveyance::Indirect)),
        ("direct", Ok(AttestationConveyance::Direct)),
        ("enterprise", Err(Invalid::AttestationConveyance)),
    ] {
        assert_eq!(text.parse::<AttestationConveyance>(), parsed, "{text:?}");
    }
}

/// A partial list could hide the authenticator from browsers.
#[test]
fn unknown_transport_empties_the_list() {
    assert_eq!(Transport::known(["usb", "usb", "hybrid"]), [Transport::Usb, Transport::Hybrid]);
    for unknown in ["smart-card", "", "USB"] {
        assert_eq!(Transport::known(["usb", unknown, "hybrid"]), [], "{unknown:?}");
    }
}

#[test]
fn selections_have_the_names_of_the_standard() {
    use AuthenticatorAttachment::{CrossPlatform, Platform};
    use AuthenticatorHint::{ClientDevice, Hybrid, SecurityKey};
    let keys = [Preference::Required, Preference::Preferred, Preference::Discouraged];
    assert_eq!(keys.map(Preference::as_str), ["required", "preferred", "discouraged"]);
    assert_eq!([Platform, CrossPlatform].map(AuthenticatorAttachment::as_str), ["platform", "cross-platform"]);
    let hints = [SecurityKey, ClientDevice, Hybrid];
    assert_eq!(hints.map(AuthenticatorHint::as_str), ["security-key", "client-device", "hybrid"]);
}

/// R48.
#[test]
fn credential_ids_have_1_to_1023_bytes() {
    for (length, fits) in [(0, false), (1, true), (1_023, true), (1_024, false)] {
        assert_eq!(CredentialId::try_from(vec![7; length]).is_ok(), fits, "{length}");
    }
    let id = CredentialId::try_from(vec![0xfb, 0xff]).unwrap();
    assert_eq!((id.to_base64().as_str(), serde_json::to_value(&id).unwrap()), ("+/8=", json!("-_8")));
    assert!(serde_json::from_value::<CredentialId>(json!("")).is_err());
}

/// R50.
#[test]
fn counter_must_grow_or_stay_zero() {
    let asserted = |sign_count| Asserted { sign_count, user_verified: false, backed_up: false };
    for (last, next, grew) in
        [(0, 0, true), (0, 1, true), (1, 2, true), (1, u32::MAX, true), (1, 1, false), (2, 1, false), (1, 0, false)]
    {
        assert_eq!(asserted(next).counter_grew(last), grew, "{last} to {next}");
    }
}

fn parts() -> serde_json::Value {
    json!({ "credential_id": "YQ==", "client_data": "e30", "authenticator_data": "AAA", "signature": "-_8", "user_handle": "dQ" })
}

fn to_json() -> serde_json::Value {
    let response =
        json!({ "clientDataJSON": "e30", "authenticatorData": "AAA", "signature": "-_8", "userHandle": "dQ" });
    json!({ "id": "YQ", "rawId": "YQ", "type": "public-key", "response": response, "clientExtensionResults": {} })
}

/// R46.
#[test]
fn assertions_parse_in_every_form() {
    for form in [parts(), to_json()] {
        let text = form.to_string();
        let padded = format!("\n {text}\n");
        for answer in [text.clone(), padded, BASE64_URL_SAFE_NO_PAD.encode(&text), BASE64_STANDARD.encode(&text)] {
            let read = answer.parse::<AuthenticationResponse>().unwrap();
            assert_eq!(read.credential_id.as_bytes(), b"a");
            assert_eq!((read.client_data.as_slice(), read.authenticator_data.as_slice()), (&b"{}"[..], &[0, 0][..]));
            assert_eq!((read.signature.as_slice(), read.user_handle.as_deref()), (&[0xfb, 0xff][..], Some(&b"u"[..])));
        }
    }
}

/// R46: `id` is `rawId`, and `type` is `public-key`.
#[test]
fn malformed_assertions_are_refused() {
    let change = |form: serde_json::Value, pointer: &str, value: serde_json::Value| {
        let mut form = form;
        *form.pointer_mut(pointer).unwrap() = value;
        form.to_string().parse::<AuthenticationResponse>().ok()
    };
    assert!(change(to_json(), "/rawId", json!("YQ")).is_some());
    assert!(change(to_json(), "/rawId", json!("Yg")).is_none());
    assert!(change(to_json(), "/type", json!("password")).is_none());
    assert!(change(to_json(), "/response/signature", json!("=")).is_none());
    assert!(change(to_json(), "/response", json!("x")).is_none());
    assert!(change(parts(), "/credential_id", json!("")).is_none());
    assert!(change(parts(), "/signature", json!(null)).is_none());
    assert!(change(parts(), "/client_data", json!("+_")).is_none(), "two alphabets in one text");
    let without_handle = change(parts(), "/user_handle", json!(null)).unwrap();
    assert_eq!(without_handle.user_handle, None);
    for text in ["", "{", "{}", "[]", "null", "e30", "123456", "\u{feff}{}", "%7B%7D"] {
        assert_eq!(text.parse::<AuthenticationResponse>().unwrap_err(), Invalid::AuthenticationResponse, "{text:?}");
    }
}

/// R46: padding and alphabet of base64 do not change an id.
#[test]
fn credential_ids_are_compared_as_bytes() {
    for (id, raw_id, fits) in [
        ("-_8", "+/8=", true),
        ("-_8", "-_8=", true),
        ("-_8=", "-_8", true),
        ("-_8", "-_c", false),
        ("-_8", "*", false),
        ("", "", false),
    ] {
        let mut form = to_json();
        form["id"] = json!(id);
        form["rawId"] = json!(raw_id);
        let read = form.to_string().parse::<AuthenticationResponse>();
        assert_eq!(read.is_ok(), fits, "{id} {raw_id}");
        assert!(!fits || read.unwrap().credential_id.as_bytes() == [0xfb, 0xff]);
    }
}

#[test]
fn null_and_empty_members_count_as_absent() {
    for absent in [json!(null), json!("")] {
        let mut form = to_json();
        form["credential_id"] = absent.clone();
        form["response"]["userHandle"] = absent.clone();
        assert_eq!(form.to_string().parse::<AuthenticationResponse>().unwrap().user_handle, None, "{absent}");
        let mut parts = parts();
        parts["user_handle"] = absent.clone();
        assert_eq!(parts.to_string().parse::<AuthenticationResponse>().unwrap().user_handle, None, "{absent}");
        let mut made = to_json();
        made["response"] = json!({ "clientDataJSON": "e30", "attestationObject": "oA", "transports": absent });
        assert!(RegistrationResponse::from_json(&made.to_string()).unwrap().transports.is_empty(), "{absent}");
    }
}

#[test]
fn stored_bytes_deserialize_from_every_form_of_base64() {
    for text in ["-_8", "-_8=", "+/8", "+/8="] {
        let id: CredentialId = serde_json::from_value(json!(text)).unwrap();
        assert_eq!(id.as_bytes(), [0xfb, 0xff], "{text}");
    }
    assert!(serde_json::from_value::<CredentialId>(json!("-/8=")).is_err(), "control");
}

/// R46: of two members with one name, another parser might take the other.
#[test]
fn repeated_members_of_assertions_are_refused() {
    let with = |form: serde_json::Value, more: &str| {
        let text = form.to_string();
        format!("{},{more}}}", &text[..text.len() - 1]).parse::<AuthenticationResponse>().is_ok()
    };
    for more in [
        r#""credential_id":"Yg""#,
        r#""signature":"AA""#,
        r#""signatur\u0065":"AA""#,
        r#""clientDataJSON":"e30""#,
        r#""userHandle":"dg""#,
    ] {
        assert!(!with(parts(), more), "{more}");
    }
    for more in [r#""id":"Yg""#, r#""rawId":"YQ""#, r#""type":"public-key""#, r#""response":{}"#] {
        assert!(!with(to_json(), more), "{more}");
    }
    assert!(with(parts(), r#""later":1"#) && with(to_json(), r#""later":1"#), "control");
}

#[test]
fn base64_decodes_in_either_alphabet_only() {
    for text in ["-_8", "-_8=", "+/8", "+/8="] {
        assert_eq!(decode_base64(text).as_deref(), Some(&[0xfb, 0xff][..]), "{text}");
    }
    for text in
        ["-/8=", "+_8", "-_9=", "-_8==", " -_8=", "-_8=\n", "-_\n8", "-_8%3D", "*", "A", "=", "A===", "YQ==YQ=="]
    {
        assert_eq!(decode_base64(text), None, "{text:?}");
    }
}

#[test]
fn registrations_parse_from_browser_json() {
    let json = json!({
        "id": "YQ", "rawId": "YQ", "type": "public-key", "authenticatorAttachment": "platform",
        "response": { "clientDataJSON": "e30", "attestationObject": "oA", "transports": ["internal", "hybrid"] },
        "clientExtensionResults": {},
    });
    let read = RegistrationResponse::from_json(&json.to_string()).unwrap();
    assert_eq!((read.client_data.as_slice(), read.attestation_object.as_slice()), (&b"{}"[..], &[0xa0][..]));
    assert_eq!(read.transports, [Transport::Internal, Transport::Hybrid]);
    for (pointer, value) in [("/rawId", json!("Yg")), ("/type", json!("")), ("/response/attestationObject", json!("!"))]
    {
        let mut wrong = json.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        let error = RegistrationResponse::from_json(&wrong.to_string()).unwrap_err();
        assert_eq!(error, Invalid::RegistrationResponse, "{pointer}");
    }
}

#[test]
fn registrations_parse_from_base64_parts() {
    let read = RegistrationResponse::from_base64("YQ==", "e30", "oA==").unwrap();
    assert_eq!(read.credential_id.as_bytes(), b"a");
    assert_eq!(RegistrationResponse::from_base64("", "e30", "oA").unwrap_err(), Invalid::CredentialId);
    assert_eq!(RegistrationResponse::from_base64("*", "e30", "oA").unwrap_err(), Invalid::RegistrationResponse);
    for (handle, fits) in [("", false), ("dQ", true), ("*", false), (&"dXU".repeat(33), false)] {
        assert_eq!(read.clone().with_user_handle(handle).is_ok(), fits, "{handle}");
    }
}
