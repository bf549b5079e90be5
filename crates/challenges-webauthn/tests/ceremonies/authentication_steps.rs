//! R44: For each step of section 7.2, ceremonies that fail in that step only. Client data and flags have their own
//! files.

use challenges_core::webauthn::{AuthenticationResponse, Credential, Rejected};
use challenges_testkit::webauthn::{Algorithm, Assertion, Cbor, SecurityKey, SignedAssertion, flags};
use challenges_webauthn::Webauthn;

use crate::ceremony::Ceremony;

/// A registered credential and a valid, unsigned assertion.
struct Fixture {
    webauthn: Webauthn,
    credential: Credential,
    draft: Assertion,
}

impl Fixture {
    fn new() -> Self {
        let webauthn = Webauthn::new();
        let ceremony = Ceremony::any(&webauthn);
        let mut key = SecurityKey::new(1);
        let credential = ceremony.register_signed(&ceremony.create(&mut key).sign()).unwrap();
        let draft = ceremony.get(&mut key, &credential);
        Self { webauthn, credential, draft }
    }

    fn verdict(&self, signed: &SignedAssertion) -> Result<(), Rejected> {
        let asserted = Ceremony::any(&self.webauthn).authenticate_signed(&self.credential, signed)?;
        assert!(asserted.counter_grew(self.credential.sign_count) && asserted.user_verified && !asserted.backed_up);
        Ok(())
    }

    fn drafted(&self, change: fn(&mut Assertion)) -> Result<(), Rejected> {
        let mut draft = self.draft.clone();
        change(&mut draft);
        self.verdict(&draft.sign())
    }

    fn with_bytes(&self, authenticator_data: Vec<u8>) -> Result<(), Rejected> {
        self.verdict(&self.draft.sign_bytes(self.draft.client_data.to_bytes(), authenticator_data))
    }
}

type Change = fn(&mut Assertion);

/// Changes before signing, and the verdict.
const SIGNED: &[(&str, Change, Result<(), Rejected>)] = &[
    ("nothing", |_| {}, Ok(())),
    (
        "15: another relying party",
        |draft| draft.authenticator_data.rp_id = "example.com".into(),
        Err(Rejected::RelyingParty),
    ),
    ("15: a subdomain", |draft| draft.authenticator_data.rp_id = "a.example.org".into(), Err(Rejected::RelyingParty)),
    (
        "15: the origin, as U2F had it",
        |draft| draft.authenticator_data.rp_id = "https://example.org".into(),
        Err(Rejected::RelyingParty),
    ),
    ("16: nobody present", |draft| draft.authenticator_data.flags &= !flags::UP, Err(Rejected::UserPresence)),
    ("17: nobody verified", |draft| draft.authenticator_data.flags &= !flags::UV, Err(Rejected::UserVerification)),
    ("18: backed up", |draft| draft.authenticator_data.flags |= flags::BS, Err(Rejected::BackupState)),
    ("19: eligible for backup", |draft| draft.authenticator_data.flags |= flags::BE, Err(Rejected::BackupEligibility)),
    ("extensions", |draft| extend(draft, &[0xa1, 0x61, b'a', 0xf5]), Ok(())),
    ("no extensions", |draft| extend(draft, &[0xa0]), Ok(())),
    ("6.1: extensions that are announced and not there", |draft| extend(draft, &[]), MALFORMED),
    (
        "6.1: extensions that are there and not announced",
        |draft| draft.authenticator_data.extensions = vec![0xa0],
        MALFORMED,
    ),
    ("6.1: bytes at the end", |draft| draft.authenticator_data.extensions = vec![0], MALFORMED),
    ("6.1: bytes behind the extensions", |draft| extend(draft, &[0xa0, 0]), MALFORMED),
    ("6.1: two maps of extensions", |draft| extend(draft, &[0xa0, 0xa0]), MALFORMED),
    ("6.1: extensions that are an array", |draft| extend(draft, &[0x80]), MALFORMED),
    ("6.1: an extension with a number for a name", |draft| extend(draft, &[0xa1, 1, 0xf5]), MALFORMED),
    ("6.1: an extension twice", |draft| extend(draft, &[0xa2, 0x61, b'a', 0xf5, 0x61, b'a', 0xf5]), MALFORMED),
    ("6.1: extensions of no definite length", |draft| extend(draft, &[0xbf, 0xff]), MALFORMED),
    ("6.1: a tag", |draft| extend(draft, &[0xa1, 0x61, b'a', 0xc1, 0]), MALFORMED),
    ("6.1: a name that is not of UTF-8", |draft| extend(draft, &[0xa1, 0x61, 0xff, 0xf5]), MALFORMED),
    ("6.1: an extension cut off", |draft| extend(draft, &[0xa1, 0x61, b'a', 0x42, 0]), MALFORMED),
    (
        "6.1: more extensions than can be",
        |draft| extend(draft, &[0xbb, 255, 255, 255, 255, 255, 255, 255, 255]),
        MALFORMED,
    ),
    ("6.1: four levels", |draft| extend(draft, &[0xa1, 0x61, b'a', 0x81, 0x81, 0x81, 0]), Ok(())),
    ("6.1: five levels", |draft| extend(draft, &[0xa1, 0x61, b'a', 0x81, 0x81, 0x81, 0x80]), MALFORMED),
    (
        "6.1: a credential that is announced and not there",
        |draft| draft.authenticator_data.flags |= flags::AT,
        MALFORMED,
    ),
    ("6.1: a credential that is there and not announced", |draft| attest(draft, 0), MALFORMED),
    ("6.1: a credential, which has no place here", |draft| attest(draft, flags::AT), MALFORMED),
    ("21: another key", |draft| draft.private_key = SecurityKey::new(2).private_key, Err(Rejected::Signature)),
    (
        "21: a key of another algorithm",
        |draft| draft.private_key = SecurityKey::with_algorithm(Algorithm::Es384, 1).private_key,
        Err(Rejected::Signature),
    ),
];

const MALFORMED: Result<(), Rejected> = Err(Rejected::AuthenticatorData);

type Forgery = fn(&mut SignedAssertion);

/// Changes after signing, and the verdict.
const UNSIGNED: &[(&str, Forgery, Rejected)] = &[
    ("5: another credential", |signed| signed.id[0] ^= 1, Rejected::CredentialId),
    ("5: a longer id", |signed| signed.id.push(0), Rejected::CredentialId),
    ("6: another user", |signed| signed.user_handle = Some(vec![8; 32]), Rejected::UserHandle),
    ("6: a user that starts right", |signed| signed.user_handle = Some(vec![7; 31]), Rejected::UserHandle),
    ("6: no user at all", |signed| signed.user_handle = Some(Vec::new()), Rejected::UserHandle),
    ("21: no signature", |signed| signed.signature.clear(), Rejected::Signature),
    ("21: a byte behind the signature", |signed| signed.signature.push(0), Rejected::Signature),
    ("21: half a signature", |signed| signed.signature.truncate(35), Rejected::Signature),
    ("21: a bit of the signature", |signed| *signed.signature.last_mut().unwrap() ^= 1, Rejected::Signature),
    (
        "21: a bit of the client data",
        |signed| change(&mut signed.client_data, b"false}", b"false }"),
        Rejected::Signature,
    ),
    ("21: a bit of the counter", |signed| signed.authenticator_data[36] ^= 2, Rejected::Signature),
    ("21: a flag", |signed| signed.authenticator_data[32] |= flags::RFU1, Rejected::Signature),
];

fn extend(draft: &mut Assertion, extensions: &[u8]) {
    draft.authenticator_data.flags |= flags::ED;
    draft.authenticator_data.extensions = extensions.to_vec();
}

fn attest(draft: &mut Assertion, flag: u8) {
    draft.authenticator_data.flags |= flag;
    draft.authenticator_data.attested = Some(SecurityKey::new(1).attested_credential());
}

fn change(bytes: &mut Vec<u8>, from: &[u8], to: &[u8]) {
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    bytes.splice(at..at + from.len(), to.iter().copied());
}

/// R44: Each deviation from a valid assertion is rejected by its own step.
#[test]
fn each_step_detects_its_own_deviation() {
    let fixture = Fixture::new();
    for (step, change, verdict) in SIGNED {
        assert_eq!(fixture.drafted(*change), *verdict, "{step}");
    }
    for (step, change, rejected) in UNSIGNED {
        let mut signed = fixture.draft.sign();
        change(&mut signed);
        assert_eq!(fixture.verdict(&signed), Err(*rejected), "{step}");
    }
}

/// R46: An assertion without a user handle is valid.
#[test]
fn user_handle_may_be_omitted() {
    let fixture = Fixture::new();
    assert_eq!(fixture.verdict(&SignedAssertion { user_handle: None, ..fixture.draft.sign() }), Ok(()));
    assert_eq!(fixture.draft.sign().user_handle, Some(vec![7; 32]));
}

/// R44: Authenticator data is rejected at every truncated length.
#[test]
fn truncated_authenticator_data_is_rejected() {
    let fixture = Fixture::new();
    let mut draft = fixture.draft.clone();
    extend(&mut draft, &Cbor::map([("a", Cbor::Int(1000)), ("b", "text".into())]).to_bytes());
    let whole = draft.authenticator_data.to_bytes();
    for length in 0..whole.len() {
        assert_eq!(fixture.with_bytes(whole[..length].to_vec()), MALFORMED, "{length}");
    }
    assert_eq!(fixture.with_bytes(whole), Ok(()));
}

#[test]
fn malformed_stored_key_is_rejected() {
    let mut fixture = Fixture::new();
    let response: AuthenticationResponse = fixture.draft.sign().core_response().unwrap();
    let stored = fixture.credential.public_key.as_bytes().to_vec();
    for length in 0..stored.len() {
        fixture.credential.public_key = stored[..length].to_vec().into();
        let verdict = Ceremony::any(&fixture.webauthn).authenticate(&fixture.credential, &response);
        assert_eq!(verdict, Err(Rejected::PublicKey), "{length}");
    }
    fixture.credential.public_key = [stored.as_slice(), &[0]].concat().into();
    let verdict = Ceremony::any(&fixture.webauthn).authenticate(&fixture.credential, &response);
    assert_eq!(verdict, Err(Rejected::PublicKey), "a trailing byte");
    // A point off the curve.
    let mut moved = stored;
    *moved.last_mut().unwrap() ^= 1;
    fixture.credential.public_key = moved.into();
    let verdict = Ceremony::any(&fixture.webauthn).authenticate(&fixture.credential, &response);
    assert_eq!(verdict, Err(Rejected::Signature));
}
