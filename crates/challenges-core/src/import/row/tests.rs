#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;
use crate::ceremony::{Preference, Transport};
use crate::error::Rejected;
use crate::totp::{Digest, Parameters};

const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn read(row: Value) -> Result<Row, Invalid> {
    row.try_into()
}

/// Returns the name of the refused member.
fn refused(row: Value) -> &'static str {
    match read(row.clone()) {
        Err(Invalid::Import { field, .. }) => field,
        other => panic!("{row} gave {other:?}"),
    }
}

fn uri(query: &str) -> Value {
    json!({ "totp": format!("otpauth://totp/Old:ann?{query}") })
}

fn seed(row: Value) -> Seed {
    match read(row).unwrap().0 {
        Content::Totp(seed) => seed,
        Content::Webauthn(_) => panic!("not a seed"),
    }
}

fn credential(row: Value) -> OldCredential {
    match read(row).unwrap().0 {
        Content::Webauthn(credential) => *credential,
        Content::Totp(_) => panic!("not a credential"),
    }
}

/// R75: each refused TOTP row names the member at fault.
#[test]
fn refused_seeds_name_the_field() {
    let with = |more: &str| uri(&format!("secret={SEED}&{more}"));
    for (row, field) in [
        (with("algorithm=MD5"), "algorithm"),
        (with("algorithm="), "algorithm"),
        (with("algorithm=SHA1&algorithm=SHA256"), "algorithm"),
        (with("digits=5"), "digits"),
        (with("digits=9"), "digits"),
        (with("digits=six"), "digits"),
        (with("digits=262"), "digits"),
        (with("period=15"), "period"),
        (with("period=0"), "period"),
        (with("period=-30"), "period"),
        (with(&format!("secret={SEED}")), "secret"),
        (uri("issuer=Old"), "secret"),
        (uri("secret="), "secret"),
        (uri("secret=GEZDGNBVGY3TQOJ1"), "secret"),
        (uri("secret=GEZD%20GNBV"), "secret"),
        (uri("secret=GEZDGNBVGY3TQOJQG"), "secret"),
        (uri("secret=GEZDGNBVGY3TQOI"), "secret"),
        (json!({ "totp": format!("otpauth://hotp/Old:ann?secret={SEED}&counter=1") }), "type"),
        (json!({ "totp": format!("otpauth://steam/Old:ann?secret={SEED}") }), "type"),
        (json!({ "totp": format!("https://totp/Old:ann?secret={SEED}") }), "totp"),
        (json!({ "totp": SEED }), "totp"),
        (json!({ "totp": 7 }), "totp"),
        (json!({ "totp": { "secret": SEED, "secret_hex": "00" } }), "secret"),
        (json!({ "totp": { "digits": 6 } }), "secret"),
        (json!({ "totp": { "secret": 7 } }), "secret"),
        (json!({ "totp": { "secret_hex": "3132333" } }), "secret_hex"),
        (json!({ "totp": { "secret_hex": "+1".repeat(10) } }), "secret_hex"),
        (json!({ "totp": { "secret_hex": "31".repeat(9) } }), "secret"),
        (json!({ "totp": { "secret_hex": "31".repeat(129) } }), "secret"),
        (json!({ "totp": { "secret": SEED, "digits": 5 } }), "digits"),
        (json!({ "totp": { "secret": SEED, "digits": "6" } }), "digits"),
        (json!({ "totp": { "secret": SEED, "period": 15 } }), "period"),
        (json!({ "totp": { "secret": SEED, "algorithm": "sha3-256" } }), "algorithm"),
        (json!({ "totp": { "secret": SEED, "step": 60 } }), "totp"),
    ] {
        assert_eq!(refused(row.clone()), field, "{row}");
    }
}

/// R75: each form of a seed gives the key and the parameters. Keys below 128 bits are weak.
#[test]
fn seeds_have_key_and_parameters() {
    let (sha1, sha512) = (Parameters::default(), Parameters::new(Digest::Sha512, 8, 60).unwrap());
    let key = b"12345678901234567890";
    let lower = SEED.to_lowercase();
    for (row, key, parameters, is_weak) in [
        (uri(&format!("secret={SEED}")), &key[..], sha1, false),
        (uri(&format!("secret={lower}&issuer=Old&image=x&algorithm=sha1&digits=6&period=30")), &key[..], sha1, false),
        (uri(&format!("secret={SEED}&algorithm=SHA512&digits=8&period=60")), &key[..], sha512, false),
        (json!({ "totp": { "secret": SEED, "algorithm": null } }), &key[..], sha1, false),
        (json!({ "totp": { "secret_hex": "31323334353637383930", "algorithm": "SHA-1" } }), &key[..10], sha1, true),
        (json!({ "totp": { "secret": "GEZDGNBVGY3TQOJQ" } }), &key[..10], sha1, true),
        (json!({ "totp": { "secret": "GEZDGNBVGY3TQOJQGEZDGNBV" } }), &key[..15], sha1, true),
        (json!({ "totp": { "secret": "gezdgnbvgy3tqojqgezdgnbvgy======" } }), &key[..16], sha1, false),
        (
            json!({ "totp": { "secret": SEED, "algorithm": "SHA512", "digits": 8, "period": 60 } }),
            &key[..],
            sha512,
            false,
        ),
    ] {
        let seed = seed(row.clone());
        assert_eq!((seed.key.as_slice(), seed.parameters, seed.is_weak()), (key, parameters, is_weak), "{row}");
    }
}

/// R75: hashed recovery codes and rows of nothing are refused.
#[test]
fn other_rows_are_refused() {
    assert_eq!(refused(json!({ "recovery_codes": ["$2b$10$..."] })), "recovery_codes");
    let totp = json!({ "secret": SEED });
    for row in
        [json!({}), json!([]), json!(null), json!({ "totp": totp, "webauthn": {} }), json!({ "totp": totp, "x": 1 })]
    {
        assert_eq!(refused(row), "row");
    }
}

/// Returns a row of py_webauthn, as PostgreSQL writes it.
fn row() -> Value {
    json!({
        "rp_id": "example.org",
        "user_handle": "YW5u",
        "webauthn": {
            "credential_id": "\\x000102030405060708090a0b0c0d0e0f",
            "credential_public_key": "\\xa0",
            "sign_count": 7,
            "credential_device_type": "multi_device",
            "credential_backed_up": true,
        },
    })
}

/// Returns the row with another value, at a JSON pointer of an existing object.
fn changed(parent: &str, member: &str, value: Value) -> Value {
    let mut row = row();
    row.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(member.to_owned(), value);
    row
}

fn without(parent: &str, member: &str) -> Value {
    let mut row = row();
    row.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(member).unwrap();
    row
}

/// R75: each refused credential names the member at fault.
#[test]
fn refused_credentials_name_the_field() {
    const COLUMNS: &str = "/webauthn";
    for (row, field) in [
        (without("", "rp_id"), "relying_party_id"),
        (changed("", "rp_id", json!(7)), "relying_party_id"),
        (without("", "user_handle"), "user_handle"),
        (changed("", "user_handle", json!("")), "user_handle"),
        (changed("", "user_handle", json!("A".repeat(88))), "user_handle"),
        (changed("", "user_handle", json!("?")), "user_handle"),
        (changed("", "user_verification", json!(true)), "user_verification"),
        (changed("", "userHandle", json!("YW5u")), "row"),
        (changed("", "webauthn", json!("not JSON")), "webauthn"),
        (without(COLUMNS, "credential_id"), "credential_id"),
        (changed(COLUMNS, "credential_id", json!("\\x000102030405060708090a0b0c0d0e")), "credential_id"),
        (changed(COLUMNS, "credential_id", json!("AAAA".repeat(342))), "credential_id"),
        (changed(COLUMNS, "credential_id", json!("\\x0")), "credential_id"),
        (changed(COLUMNS, "credential_id", json!([0, 256])), "credential_id"),
        (changed(COLUMNS, "credential_id", json!({ "0": 1, "2": 3 })), "credential_id"),
        (without(COLUMNS, "credential_public_key"), "public_key"),
        (without(COLUMNS, "sign_count"), "sign_count"),
        (changed(COLUMNS, "sign_count", json!(-1)), "sign_count"),
        (changed(COLUMNS, "sign_count", json!(1_u64 << 32)), "sign_count"),
        (without(COLUMNS, "credential_device_type"), "device_type"),
        (changed(COLUMNS, "credential_device_type", json!("phone")), "device_type"),
        (changed(COLUMNS, "backup_eligible", json!(2)), "backup_eligible"),
        (changed(COLUMNS, "credential_backed_up", json!("yes")), "backed_up"),
        (changed(COLUMNS, "transports", json!([7])), "transports"),
        (changed(COLUMNS, "transports", json!("[usb]")), "transports"),
        (changed(COLUMNS, "aaguid", json!(7)), "aaguid"),
        (changed(COLUMNS, "name", json!("a\nb")), "name"),
    ] {
        assert_eq!(refused(row.clone()), field, "{row}");
    }
    for (row, reason) in [
        (changed("", "rp_id", json!("https://example.org")), Invalid::RelyingParty),
        (changed("", "user_verification", json!("maybe")), Invalid::UserVerification),
        (changed(COLUMNS, "aaguid", json!("7")), Invalid::Aaguid),
        (
            changed(COLUMNS, "credential_device_type", json!("single_device")),
            Invalid::Registration(Rejected::BackupState),
        ),
    ] {
        assert_eq!(read(row.clone()).err(), Some(reason), "{row}");
    }
}

/// R75: bytes, flags and transports are read in the forms of databases and of JavaScript.
#[test]
fn forms_of_columns_are_read() {
    let plain = credential(row());
    assert_eq!(plain.credential.id.as_bytes(), (0..16).collect::<Vec<u8>>());
    assert_eq!(
        (plain.credential.sign_count, plain.credential.backup_eligible, plain.credential.backed_up),
        (7, true, true)
    );
    assert_eq!((plain.user_verification, plain.name), (Preference::Preferred, None));
    assert_eq!(plain.user_handle.unwrap().as_bytes(), b"ann");

    let bytes: Vec<u8> = (0..16).collect();
    let members = bytes.iter().map(|byte| (byte.to_string(), json!(byte))).collect::<serde_json::Map<_, _>>();
    for form in [
        json!("AAECAwQFBgcICQoLDA0ODw"),
        json!("AAECAwQFBgcICQoLDA0ODw=="),
        json!(bytes),
        json!({ "type": "Buffer", "data": bytes }),
        Value::Object(members),
    ] {
        let read = credential(changed("/webauthn", "credential_id", form.clone()));
        assert_eq!(read.credential.id, plain.credential.id, "{form}");
    }
    for (flag, expected) in [(json!(true), true), (json!(1), true), (json!(false), false), (json!(0), false)] {
        assert_eq!(credential(changed("/webauthn", "backed_up", flag)).credential.backed_up, expected);
    }
    for (transports, expected) in [
        (json!(["usb", "nfc"]), vec![Transport::Usb, Transport::Nfc]),
        (json!("[\"usb\",\"nfc\"]"), vec![Transport::Usb, Transport::Nfc]),
        (json!("usb, nfc"), vec![Transport::Usb, Transport::Nfc]),
        (json!("usb,smart-card"), vec![]),
        (json!(""), vec![]),
        (json!(null), vec![]),
    ] {
        let read = credential(changed("/webauthn", "transports", transports.clone()));
        assert_eq!(read.credential.transports, expected, "{transports}");
    }
}

/// R75: a user handle may be a UUID, whose text is also base64url, or be unknown.
#[test]
fn user_handles_are_bytes_uuids_or_unknown() {
    let uuid = credential(changed("", "user_handle", json!("f81d4fae-7dec-11d0-a765-00a0c91e6bf6")));
    assert_eq!(uuid.user_handle.unwrap().as_bytes().len(), 16);
    assert_eq!(credential(changed("", "user_handle", json!(null))).user_handle, None);
}

/// R75: of several names of a member the first counts, so that `id` may be the row's own.
#[test]
fn id_of_the_row_is_not_the_credential() {
    let row = changed("/webauthn", "id", json!("c2VxdWVuY2UgbnVtYmVyIDc"));
    assert_eq!(credential(row).credential.id.as_bytes(), (0..16).collect::<Vec<u8>>());
}

#[test]
fn debug_redacts_seeds() {
    let row = read(uri(&format!("secret={SEED}"))).unwrap();
    assert_eq!(format!("{row:?}"), "Row(Totp([redacted]))");
}
