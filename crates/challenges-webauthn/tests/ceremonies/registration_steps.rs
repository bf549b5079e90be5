//! R44: For each step of section 7.1, ceremonies that fail in that step only.
//!
//! Client data, flags and attestation have their own files.

use challenges_core::webauthn::{Credential, RegistrationResponse, Rejected};
use challenges_testkit::webauthn::{Algorithm, Attestation, Cbor, NewCredential, PrivateKey, SecurityKey, flags};
use challenges_webauthn::Webauthn;

use crate::ceremony::Ceremony;

type Change = fn(&mut NewCredential);

const CHANGES: &[(&str, Change, Result<(), Rejected>)] = &[
    ("nothing", |_| {}, Ok(())),
    (
        "14: another relying party",
        |draft| draft.authenticator_data.rp_id = "example.com".into(),
        Err(Rejected::RelyingParty),
    ),
    (
        "14: the origin",
        |draft| draft.authenticator_data.rp_id = "https://example.org".into(),
        Err(Rejected::RelyingParty),
    ),
    ("15: nobody present", |draft| draft.authenticator_data.flags &= !flags::UP, Err(Rejected::UserPresence)),
    ("16: nobody verified, which is not required", |draft| draft.authenticator_data.flags &= !flags::UV, Ok(())),
    ("17: backed up", |draft| draft.authenticator_data.flags |= flags::BS, Err(Rejected::BackupState)),
    ("18: eligible for backup", |draft| draft.authenticator_data.flags |= flags::BE, Ok(())),
    ("6.1: no credential", |draft| no_credential(draft), DATA),
    ("6.1: a credential that is not announced", |draft| draft.authenticator_data.flags &= !flags::AT, DATA),
    ("6.1: a credential that is announced and not there", |draft| draft.authenticator_data.attested = None, DATA),
    ("6.1: extensions", |draft| extend(draft, &[0xa1, 0x61, b'a', 0xf5]), Ok(())),
    ("6.1: extensions that are announced and not there", |draft| extend(draft, &[]), DATA),
    ("6.1: bytes at the end", |draft| draft.authenticator_data.extensions = vec![0], DATA),
    ("6.1: bytes behind the extensions", |draft| extend(draft, &[0xa0, 0]), DATA),
    ("6.1: an extension twice", |draft| extend(draft, &[0xa2, 0x61, b'a', 0xf5, 0x61, b'a', 0xf5]), DATA),
    (
        "20: EdDSA",
        |draft| key(draft, SecurityKey::with_algorithm(Algorithm::EdDsa, 1).private_key.public_key()),
        Err(Rejected::Algorithm),
    ),
    ("20: ES256 by another number", |draft| member(draft, 3, -9), Err(Rejected::Algorithm)),
    ("20: RS1", |draft| member(draft, 3, -65_535), Err(Rejected::Algorithm)),
    ("20: no algorithm", |draft| public_key(draft).remove(3), KEY),
    ("20: an algorithm by its name", |draft| public_key(draft).set(3, "ES256"), KEY),
    ("20: the algorithm of another curve", |draft| member(draft, 3, -35), KEY),
    ("20: the algorithm of another type", |draft| member(draft, 3, -257), KEY),
    ("5.8.5: no type", |draft| public_key(draft).remove(1), KEY),
    ("5.8.5: another type", |draft| member(draft, 1, 1), KEY),
    ("5.8.5: no curve", |draft| public_key(draft).remove(-1), KEY),
    ("5.8.5: another curve", |draft| member(draft, -1, 2), KEY),
    ("5.8.5: secp256k1", |draft| member(draft, -1, 8), KEY),
    ("5.8.5: no y", |draft| public_key(draft).remove(-3), KEY),
    ("5.8.5: a compressed point", |draft| public_key(draft).set(-3, Cbor::Raw(vec![0xf5])), KEY),
    ("5.8.5: a short x", |draft| public_key(draft).set(-2, vec![1; 31]), KEY),
    ("5.8.5: a long y", |draft| public_key(draft).set(-3, vec![1; 33]), KEY),
    ("5.8.5: a point that is not on the curve", |draft| public_key(draft).set(-3, vec![1; 32]), KEY),
    ("5.8.5: a coordinate beyond the field", |draft| public_key(draft).set(-2, vec![0xff; 32]), KEY),
    ("5.8.5: a point of zeros", |draft| zeros(draft), KEY),
    ("5.8.5: another order", |draft| reverse(draft), Ok(())),
    ("5.8.5: a label in another width", |draft| widen(draft), Ok(())),
    ("5.8.5: a member that does not belong there", |draft| member(draft, 4, 2), KEY),
    ("5.8.5: a member with a name", |draft| public_key(draft).set("kid", vec![1]), KEY),
    ("5.8.5: a member twice", |draft| twice(draft), DATA),
    ("5.8.5: a key that is no map", |draft| key(draft, Cbor::Array(Vec::new())), KEY),
    ("5.8.5: a key of no definite length", |draft| key(draft, Cbor::Raw(vec![0xbf, 0xff])), DATA),
    ("5.8.5: a key of nothing", |draft| key(draft, Cbor::Raw(Vec::new())), DATA),
    ("5.8.5: RSA with 2,048 bits", |draft| rsa(draft, |_| {}), Ok(())),
    ("5.8.5: RSA with 2,047 bits", |draft| rsa(draft, |n| n[0] &= 0x7f), KEY),
    ("5.8.5: RSA with 1,024 bits", |draft| rsa(draft, |n| n.truncate(128)), KEY),
    ("5.8.5: RSA with 4,096 bits", |draft| rsa(draft, |n| n.extend(n.clone())), KEY),
    ("5.8.5: RSA with a zero before the modulus", |draft| rsa(draft, |n| n.insert(0, 0)), KEY),
    ("5.8.5: RSA with an even modulus", |draft| rsa(draft, |n| *n.last_mut().unwrap() &= 0xfe), KEY),
    ("5.8.5: RSA with an exponent of 3", |draft| exponent(draft, &[3]), KEY),
    ("5.8.5: RSA with an exponent of 1", |draft| exponent(draft, &[0, 0, 1]), KEY),
    ("5.8.5: RSA with a zero before the exponent", |draft| exponent(draft, &[0, 1, 0, 1]), KEY),
    (
        "22: no attestation, but a statement",
        |draft| none(draft, Cbor::map([("a", Cbor::Int(1))])),
        Err(Rejected::Attestation),
    ),
    ("13: a statement that is an array", |draft| none(draft, Cbor::Array(Vec::new())), OBJECT),
    ("13: a statement that is null", |draft| none(draft, Cbor::Raw(vec![0xf6])), OBJECT),
    ("13: a statement of no definite length", |draft| none(draft, Cbor::Raw(vec![0xbf, 0xff])), OBJECT),
    ("13: a statement with a tag", |draft| none(draft, Cbor::map([("a", Cbor::Raw(vec![0xc1, 0]))])), OBJECT),
    ("13: no statement", |draft| none(draft, Cbor::Raw(Vec::new())), OBJECT),
    ("21: an unknown format", |draft| format(draft, "later"), Ok(())),
    ("8.1: a format of 32 bytes", |draft| format(draft, &"x".repeat(32)), Ok(())),
    ("8.1: a format of 33 bytes", |draft| format(draft, &"x".repeat(33)), OBJECT),
    ("8.1: an empty format", |draft| format(draft, ""), OBJECT),
    ("8.1: a format with a quotation mark", |draft| format(draft, "la\"ter"), OBJECT),
    ("8.1: a format with a space", |draft| format(draft, "la ter"), OBJECT),
    ("8.1: a format outside of ASCII", |draft| format(draft, "l\u{e4}ter"), OBJECT),
    ("25: an id of 1,023 bytes", |draft| id(draft, 1_023), Ok(())),
];

const DATA: Result<(), Rejected> = Err(Rejected::AuthenticatorData);
const KEY: Result<(), Rejected> = Err(Rejected::PublicKey);
const OBJECT: Result<(), Rejected> = Err(Rejected::AttestationObject);

fn no_credential(draft: &mut NewCredential) {
    draft.authenticator_data.flags &= !flags::AT;
    draft.authenticator_data.attested = None;
}

fn extend(draft: &mut NewCredential, extensions: &[u8]) {
    draft.authenticator_data.flags |= flags::ED;
    draft.authenticator_data.extensions = extensions.to_vec();
}

fn public_key(draft: &mut NewCredential) -> &mut Cbor {
    &mut draft.authenticator_data.attested.as_mut().unwrap().public_key
}

fn key(draft: &mut NewCredential, key: Cbor) {
    *public_key(draft) = key;
}

fn member(draft: &mut NewCredential, label: i64, value: i64) {
    public_key(draft).set(label, value);
}

fn zeros(draft: &mut NewCredential) {
    public_key(draft).set(-2, vec![0; 32]);
    public_key(draft).set(-3, vec![0; 32]);
}

fn members(draft: &mut NewCredential) -> &mut Vec<(Cbor, Cbor)> {
    let Cbor::Map(members) = public_key(draft) else { panic!("no map") };
    members
}

fn reverse(draft: &mut NewCredential) {
    members(draft).reverse();
}

fn widen(draft: &mut NewCredential) {
    members(draft)[0].0 = Cbor::Raw(vec![0x18, 1]);
}

fn twice(draft: &mut NewCredential) {
    // A duplicate label in another width.
    members(draft).push((Cbor::Raw(vec![0x18, 3]), (-7).into()));
}

fn rsa(draft: &mut NewCredential, change: fn(&mut Vec<u8>)) {
    let mut key = PrivateKey::new(Algorithm::Rs256, 1).public_key();
    let Cbor::Map(members) = &mut key else { panic!("no map") };
    let (_, Cbor::Bytes(modulus)) = &mut members[2] else { panic!("no modulus") };
    change(modulus);
    *public_key(draft) = key;
}

fn exponent(draft: &mut NewCredential, exponent: &[u8]) {
    rsa(draft, |_| {});
    public_key(draft).set(-2, exponent.to_vec());
}

fn none(draft: &mut NewCredential, statement: Cbor) {
    draft.attestation = Attestation::Other { format: "none".to_owned(), statement };
}

fn format(draft: &mut NewCredential, format: &str) {
    draft.attestation = Attestation::Other { format: format.to_owned(), statement: Cbor::Map(Vec::new()) };
}

fn id(draft: &mut NewCredential, length: usize) {
    draft.authenticator_data.attested.as_mut().unwrap().id = vec![9; length];
}

fn register(response: &RegistrationResponse) -> Result<Credential, Rejected> {
    Ceremony::any(&Webauthn::new()).register(response)
}

fn draft() -> NewCredential {
    Ceremony::any(&Webauthn::new()).create(&mut SecurityKey::new(1))
}

/// Signs a response. A response without an attested credential still names a credential id.
fn response(draft: &NewCredential) -> RegistrationResponse {
    let mut signed = draft.sign();
    if draft.authenticator_data.attested.is_none() {
        signed.id = SecurityKey::new(1).credential_id;
    }
    signed.core_response().unwrap()
}

fn with_object(attestation_object: Vec<u8>) -> Result<(), Rejected> {
    register(&RegistrationResponse { attestation_object, ..response(&draft()) }).map(|_| ())
}

/// R44: Each deviation from a valid registration is rejected by its own step.
#[test]
fn each_step_detects_its_own_deviation() {
    for (step, change, verdict) in CHANGES {
        let mut draft = draft();
        change(&mut draft);
        assert_eq!(register(&response(&draft)).map(|_| ()), *verdict, "{step}");
    }
}

#[test]
fn recorded_credential_matches_the_authenticator() {
    let mut key = SecurityKey::new(1);
    key.backup_eligible = true;
    key.backed_up = true;
    key.sign_count = Some(41);
    let credential = register(&response(&Ceremony::any(&Webauthn::new()).create(&mut key))).unwrap();
    assert_eq!(credential.id.as_bytes(), key.credential_id);
    assert_eq!(credential.public_key.as_bytes(), key.private_key.public_key().to_bytes());
    assert_eq!((credential.sign_count, credential.aaguid), (41, key.aaguid));
    assert!(credential.user_verified && credential.backup_eligible && credential.backed_up);
    assert_eq!(credential.transports, key.transports);
    assert_eq!((credential.attestation_format.as_str(), credential.attestation_trusted), ("none", false));
}

/// R46, R48: The credential id equals the attested id and has 1 to 1,023 bytes.
#[test]
fn credential_id_must_match_and_fit() {
    for length in [0, 1_024, 4_097] {
        let mut draft = draft();
        let claimed = response(&draft).credential_id;
        id(&mut draft, length);
        let signed = draft.sign();
        let response = RegistrationResponse {
            credential_id: claimed,
            client_data: signed.client_data,
            attestation_object: signed.attestation_object,
            transports: Vec::new(),
            user_handle: None,
        };
        assert_eq!(register(&response), Err(Rejected::CredentialId), "{length}");
    }
    let mut other = draft().sign();
    other.id[31] ^= 1;
    assert_eq!(register(&other.core_response().unwrap()), Err(Rejected::CredentialId));
    other.id.truncate(31);
    assert_eq!(register(&other.core_response().unwrap()), Err(Rejected::CredentialId));

    // The members of a browser's response must agree.
    let mut json = draft().sign().json();
    assert!(RegistrationResponse::from_json(&json.to_string()).is_ok());
    json["rawId"] = "AAAA".into();
    assert!(RegistrationResponse::from_json(&json.to_string()).is_err());
    let mut json = draft().sign().json();
    json["type"] = "password".into();
    assert!(RegistrationResponse::from_json(&json.to_string()).is_err());
}

/// R44: Authenticator data is rejected at every truncated length.
#[test]
fn truncated_authenticator_data_is_rejected() {
    let mut draft = draft();
    extend(&mut draft, &[0xa1, 0x61, b'a', 0x18, 0xff]);
    let whole = draft.authenticator_data.to_bytes();
    for length in 0..whole.len() {
        let signed = draft.sign_bytes(draft.client_data.to_bytes(), whole[..length].to_vec());
        assert_eq!(register(&signed.core_response().unwrap()), Err(Rejected::AuthenticatorData), "{length}");
    }
    assert!(register(&response(&draft)).is_ok());
}

/// R44: An attestation object is rejected at every truncated length, and with trailing bytes.
#[test]
fn truncated_attestation_object_is_rejected() {
    let whole = response(&draft()).attestation_object;
    for length in 0..whole.len() {
        assert_eq!(with_object(whole[..length].to_vec()), OBJECT, "{length}");
    }
    assert_eq!(with_object(whole.clone()), Ok(()));
    for byte in [0, 0xa0, 0xf6] {
        assert_eq!(with_object([whole.as_slice(), &[byte]].concat()), OBJECT, "{byte}");
    }
}

/// R44: An attestation object has its three members and no others.
#[test]
fn attestation_object_has_exactly_three_members() {
    let data = Cbor::Bytes(draft().authenticator_data.to_bytes());
    let members = || [("fmt", Cbor::from("none")), ("attStmt", Cbor::Map(Vec::new())), ("authData", data.clone())];
    let changed = |change: &dyn Fn(&mut Cbor)| {
        let mut object = Cbor::map(members());
        change(&mut object);
        with_object(object.to_bytes())
    };
    assert_eq!(changed(&|_| {}), Ok(()));
    let reversed = |object: &mut Cbor| {
        if let Cbor::Map(members) = object {
            members.reverse()
        }
    };
    assert_eq!(changed(&reversed), Ok(()));
    for name in ["fmt", "attStmt", "authData"] {
        assert_eq!(changed(&|object| object.remove(name)), OBJECT, "{name}");
        assert_eq!(changed(&|object| object.set(name, 1)), OBJECT, "{name}");
        let twice = |object: &mut Cbor| {
            if let Cbor::Map(members) = object {
                let member = members.iter().find(|(key, _)| *key == Cbor::from(name)).unwrap().clone();
                members.push(member);
            }
        };
        assert_eq!(changed(&twice), OBJECT, "{name}");
        let instead = |object: &mut Cbor| {
            object.remove(name);
            twice_any(object);
        };
        assert_eq!(changed(&instead), OBJECT, "{name}");
    }
    assert_eq!(changed(&|object| object.set("epAtt", Cbor::Raw(vec![0xf5]))), OBJECT);
    assert_eq!(changed(&|object| object.set(1, "none")), OBJECT);
    assert_eq!(changed(&|object| *object = Cbor::Array(vec![object.clone()])), OBJECT);
    let indefinite = |object: &mut Cbor| {
        let bytes = object.to_bytes();
        *object = Cbor::Raw([&[0xbf], &bytes[1..], &[0xff]].concat());
    };
    assert_eq!(changed(&indefinite), OBJECT);
}

/// Duplicates a member, so that the number of members stays right.
fn twice_any(object: &mut Cbor) {
    let Cbor::Map(members) = object else { panic!("no map") };
    let member = members[0].clone();
    members.push(member);
}
