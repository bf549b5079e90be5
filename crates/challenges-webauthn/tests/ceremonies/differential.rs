//! Differential test of assertions against webauthn-rs: every assertion accepted here must be accepted there.
//!
//! The fuzz target `webauthn_differential` includes this file.
#![allow(unreachable_pub)]

use challenges_core::webauthn::{
    Authentication, AuthenticationResponse, Ceremonies as _, Credential, Preference, PublicChallenge, Registration,
    Rejected, RelyingPartyId, UserHandle,
};
use challenges_testkit::webauthn::{Algorithm, Assertion, SecurityKey, flags};
use challenges_webauthn::Webauthn;
use serde_json::{Value, json};
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::proto::{
    AuthenticationState, AuthenticatorAssertionResponseRaw, COSEAlgorithm, PublicKeyCredential, UserVerificationPolicy,
};

const ORIGIN: &str = "https://example.org";
const CHALLENGE: [u8; 32] = [5; 32];

/// The verdicts of both implementations.
#[derive(Debug)]
pub struct Verdicts {
    /// The verdict of this crate, including the counter.
    pub ours: Result<(), Rejected>,
    /// The verdict of webauthn-rs.
    pub theirs: Result<(), WebauthnError>,
}

/// A credential registered with both, and an assertion that both accept.
pub struct Subject {
    relying_party: RelyingPartyId,
    user_verification: Preference,
    ours: Credential,
    webauthn: WebauthnCore,
    theirs: AuthenticationState,
    draft: Assertion,
}

impl Subject {
    /// Returns subjects for every algorithm and kind of authenticator.
    pub fn all() -> Vec<Self> {
        let verifications = [Preference::Required, Preference::Preferred, Preference::Discouraged];
        let algorithms = [Algorithm::Es256, Algorithm::Es256, Algorithm::Es256, Algorithm::Es384, Algorithm::Rs256];
        let mut subjects = Vec::new();
        for (seed, algorithm) in (0..).zip(algorithms) {
            for user_verification in verifications {
                let mut key = SecurityKey::with_algorithm(algorithm, seed);
                key.backup_eligible = seed % 2 == 1;
                key.backed_up = key.backup_eligible && user_verification == Preference::Required;
                key.sign_count = (seed != 2).then_some(10);
                key.verifies_user = user_verification == Preference::Required || seed != 1;
                subjects.push(Self::new(key, user_verification));
            }
        }
        subjects
    }

    fn new(mut key: SecurityKey, user_verification: Preference) -> Self {
        let policy = match user_verification {
            Preference::Required => UserVerificationPolicy::Required,
            Preference::Preferred => UserVerificationPolicy::Preferred,
            Preference::Discouraged => UserVerificationPolicy::Discouraged_DO_NOT_USE,
        };
        let relying_party: RelyingPartyId = "example.org".parse().unwrap();
        let origins = vec![ORIGIN.parse().unwrap()];
        let timeout = std::time::Duration::from_secs(60);
        let webauthn = WebauthnCore::new_unsafe_experts_only("R", "example.org", origins, timeout, None, None);

        let builder = webauthn.new_challenge_register_builder(&[7; 32], "ada", "ada").unwrap();
        let algorithms = vec![COSEAlgorithm::ES256, COSEAlgorithm::ES384, COSEAlgorithm::RS256];
        let builder = builder.user_verification_policy(policy).credential_algorithms(algorithms);
        let (options, state) = webauthn.generate_challenge_register(builder).unwrap();
        let challenge = <[u8; 32]>::try_from(options.public_key.challenge.as_slice()).unwrap();
        let created = key.create(&serde_json::to_value(options.public_key).unwrap(), ORIGIN).unwrap().sign();
        let registration = serde_json::from_value(created.json()).unwrap();
        let theirs = webauthn.register_credential(&registration, &state, None).unwrap();
        let ours = Webauthn::new().register(&Registration {
            relying_party: &relying_party,
            origins: &[ORIGIN.parse().unwrap()],
            challenge: &challenge.into(),
            user_verification,
            response: &created.core_response().unwrap(),
        });

        let builder = webauthn.new_challenge_authenticate_builder(vec![theirs], Some(policy)).unwrap();
        let (options, state) = webauthn.generate_challenge_authenticate(builder).unwrap();
        let mut options = serde_json::to_value(options.public_key).unwrap();
        let mut state = serde_json::to_value(state).unwrap();
        let challenge = Value::from(PublicChallenge::from(CHALLENGE).to_string());
        options["challenge"] = challenge.clone();
        state["challenge"] = challenge;
        let draft = key.get(&options, ORIGIN).unwrap();
        let theirs = serde_json::from_value(state).unwrap();
        Self { relying_party, user_verification, ours: ours.unwrap(), webauthn, theirs, draft }
    }

    fn judge(&self, response: &AuthenticationResponse) -> Verdicts {
        let ours = Webauthn::new().authenticate(&Authentication {
            relying_party: &self.relying_party,
            origins: &[ORIGIN.parse().unwrap()],
            challenge: &CHALLENGE.into(),
            user_handle: &UserHandle::from([7; 32]),
            user_verification: self.user_verification,
            credential: &self.ours,
            response,
        });
        let ours = match ours {
            Ok(asserted) if asserted.counter_grew(self.ours.sign_count) => Ok(()),
            Ok(_) => Err(Rejected::SignCount),
            Err(rejected) => Err(rejected),
        };
        let theirs = PublicKeyCredential {
            id: String::new(),
            raw_id: response.credential_id.as_bytes().to_vec(),
            response: AuthenticatorAssertionResponseRaw {
                authenticator_data: response.authenticator_data.clone(),
                client_data_json: response.client_data.clone(),
                signature: response.signature.clone(),
                user_handle: response.user_handle.clone(),
            },
            extensions: Default::default(),
            type_: "public-key".to_owned(),
        };
        let theirs = self.webauthn.authenticate_credential(&theirs, &self.theirs).map(|_| ());
        Verdicts { ours, theirs }
    }
}

/// Choices derived from bytes.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Chooses a number below `count`; 0 if no bytes are left.
    fn below(&mut self, count: usize) -> usize {
        let high = self.byte().unwrap_or(0);
        let low = if count > 256 { self.byte().unwrap_or(0) } else { 0 };
        usize::from(u16::from_be_bytes([low, high])) % count.max(1)
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    /// Sets, inserts or deletes a byte.
    fn change(&mut self, bytes: &mut Vec<u8>) {
        let how = self.below(4);
        let at = self.below(bytes.len() + 1);
        let byte = self.byte().unwrap_or(0);
        match how {
            0 => bytes.insert(at, byte),
            _ if at == bytes.len() => bytes.push(byte),
            1 => drop(bytes.remove(at)),
            2 => bytes[at] ^= 1 << (byte % 8),
            _ => bytes[at] = byte,
        }
    }

    /// Rewrites an ECDSA signature in a form that is not DER, or changes a number.
    fn encode(&mut self, signature: &mut Vec<u8>) {
        let how = self.below(6);
        let [_, length, _, number, ..] = signature.as_mut_slice() else { return };
        match how {
            0 => signature.insert(1, 0x81),
            1 => {
                (*length, *number) = (length.wrapping_add(1), number.wrapping_add(1));
                signature.insert(4, 0);
            }
            2 => {
                (*length, *number) = (length.wrapping_sub(1), number.wrapping_sub(1));
                signature.remove(4);
            }
            3 => {
                *length = length.wrapping_add(1);
                signature.insert(3, 0x81);
            }
            4 => {
                *length = length.wrapping_add(1);
                signature.push(0);
            }
            _ => *length = 0x80,
        }
    }

    fn member(&mut self) -> &'static str {
        self.of(&["type", "challenge", "origin", "crossOrigin", "topOrigin", "tokenBinding", "later", ""])
    }

    fn value(&mut self) -> Value {
        self.of(&[
            json!("webauthn.get"),
            json!(ORIGIN),
            json!("https://example.org/"),
            json!("https://example.org:443"),
            json!("HTTPS://EXAMPLE.ORG/path?a#b"),
            json!("https://a@example.org"),
            json!("https://www.example.org"),
            json!("http://example.org"),
            json!(PublicChallenge::from(CHALLENGE).to_string()),
            json!("BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQV"),
            json!("BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU="),
            json!(true),
            json!(false),
            json!(null),
            json!(1.5),
            json!({"status": "supported"}),
            json!({"status": "present", "id": null, "more": []}),
            json!({"id": "1"}),
            json!([[[[]]]]),
        ])
    }

    /// Chooses a CBOR item, not necessarily well-formed.
    fn item(&mut self) -> &'static [u8] {
        self.of(&[
            b"\xa0".as_slice(),
            b"\xa1\x61a\xf5",
            b"\xa1\x61a\x39\x01\x00",
            b"\xa1\x61a\x3b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\xa1\x61a\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\xa1\x61a\xf9\x3c\x00",
            b"\xa1\x61a\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00",
            b"\xa1\x61a\xf7",
            b"\xa1\x61a\xe0",
            b"\xa1\x61a\xc1\x00",
            b"\xa1\x61a\xa2\x01\x02\x03\x04",
            b"\xa1\x61a\xa1\xa0\x04",
            b"\xa1\x61a\x83\x82\x01\x02\x40\x60",
            b"\xa2\x61a\xf5\x61a\xf4",
            b"\xa1\x01\xf5",
            b"\xa1\x61\xff\xf5",
            b"\xbf\x61a\xf5\xff",
            b"\x80",
            b"\xf6",
        ])
    }
}

/// Changes an assertion as the bytes say, and returns both verdicts.
///
/// # Panics
///
/// Panics when this crate accepts an assertion that webauthn-rs rejects, except for `tokenBinding` in another form.
pub fn check(subjects: &[Subject], bytes: &[u8]) -> Verdicts {
    let mut choices = Choices(bytes);
    let subject = &subjects[choices.below(subjects.len())];
    let response = response(&subject.draft, &mut choices);
    let verdicts = subject.judge(&response);
    // webauthn-rs still reads the member, which Level 3 ignores.
    let has_token_binding = response.client_data.windows(12).any(|window| window == b"tokenBinding");
    let is_unread = has_token_binding && matches!(verdicts.theirs, Err(WebauthnError::ParseJSONFailure(_)));
    assert!(verdicts.ours.is_err() || verdicts.theirs.is_ok() || is_unread, "{verdicts:?} {response:?}");
    verdicts
}

fn response(draft: &Assertion, choices: &mut Choices<'_>) -> AuthenticationResponse {
    let mut draft = draft.clone();
    for _ in 0..choices.of(&[0, 0, 1, 1, 2, 4]) {
        change(&mut draft, choices);
    }
    let (mut client_data, mut data) = (draft.client_data.to_bytes(), draft.authenticator_data.to_bytes());
    for _ in 0..choices.of(&[0, 0, 0, 1, 2]) {
        choices.change(&mut client_data);
    }
    for _ in 0..choices.of(&[0, 0, 0, 1, 2]) {
        choices.change(&mut data);
    }
    let mut signed = draft.sign_bytes(client_data, data);
    for _ in 0..choices.of(&[0, 0, 0, 1, 2]) {
        match choices.below(8) {
            0 => choices.change(&mut signed.client_data),
            1 => choices.change(&mut signed.authenticator_data),
            2 => choices.change(&mut signed.id),
            3 | 4 if signed.signature.len() > 4 => choices.encode(&mut signed.signature),
            5 => signed.user_handle = choices.of(&[None, Some(vec![7; 32]), Some(vec![8; 32]), Some(Vec::new())]),
            _ => choices.change(&mut signed.signature),
        }
    }
    signed.core_response().unwrap()
}

/// Changes an assertion before signing.
fn change(draft: &mut Assertion, choices: &mut Choices<'_>) {
    let data = &mut draft.authenticator_data;
    let members = &mut draft.client_data.members;
    match choices.below(11) {
        0 => data.flags ^= 1 << choices.below(8),
        1 => data.flags ^= choices.of(&[flags::BE | flags::BS, flags::RFU1 | flags::RFU2, flags::ED | flags::AT]),
        2 => data.sign_count = choices.of(&[0, 1, 9, 10, 11, 12, u32::MAX]),
        3 => data.rp_id = choices.of(&["example.org", "example.com", ORIGIN]).to_owned(),
        4 | 5 => {
            data.flags |= flags::ED;
            data.extensions = choices.item().to_vec();
        }
        6 => data.extensions.extend(choices.item()),
        7 => members.reverse(),
        8 => members.truncate(choices.below(members.len() + 1)),
        9 => members.push((choices.member().to_owned(), choices.value())),
        _ => {
            let member = choices.member();
            draft.client_data.set(member, choices.value());
        }
    }
}
