//! What an assertion costs, from the text of the answer to the verdict, beside the bare verification of its signature by the
//! library that is used for it.

use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use challenges_core::webauthn::{
    Authentication, AuthenticationResponse, Ceremonies as _, Credential, PublicChallenge, Registration, RelyingPartyId,
    UserHandle, UserVerification,
};
use challenges_core::{
    Answer, ChallengeSpec, ChallengeType, Challenges, EndpointRef, KeyRing, Owner, WebauthnEnrollmentSpec,
};
use challenges_memory::MemoryStore;
use challenges_testkit::webauthn::{SecurityKey, SignedAssertion};
use challenges_webauthn::Webauthn;
use serde_json::json;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::proto::{AuthenticationState, PublicKeyCredential, UserVerificationPolicy};

use crate::measure::{Report, interleaved, timed};

const ORIGIN: &str = "https://example.org";
const CHALLENGE: [u8; 32] = [5; 32];
const ASSERTIONS: usize = 300;

/// An assertion, at most 1.15 times as long as its signature alone.
pub(crate) fn assertion() -> Report {
    let subject = Subject::new();
    let answer = subject.signed.answer();
    let verdicts = || timed(|| (0..ASSERTIONS).for_each(|_| subject.judge(&answer)));
    interleaved(ASSERTIONS, 1.0 / 1.15, verdicts, || subject.signatures())
}

/// The same assertion, by webauthn-rs.
pub(crate) fn webauthn_rs() -> Report {
    let subject = Subject::new();
    let (webauthn, state) = subject.in_webauthn_rs();
    let answer = subject.signed.json().to_string();
    let finish = || {
        let response: PublicKeyCredential = serde_json::from_str(&answer).unwrap();
        assert!(webauthn.authenticate_credential(&response, &state).is_ok());
    };
    let verdicts = || timed(|| (0..ASSERTIONS).for_each(|_| finish()));
    interleaved(ASSERTIONS, 0.0, verdicts, || subject.signatures())
}

/// A whole challenge on the memory store, created and answered. What the authenticator does is not counted.
pub(crate) fn cycle() -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let subject = Subject::new();
    interleaved(ASSERTIONS, 0.0, || runtime.block_on(cycles()), || subject.signatures())
}

async fn cycles() -> Duration {
    let keys = KeyRing::generate().unwrap();
    let challenges = Challenges::builder(MemoryStore::new(), keys).webauthn(Webauthn::new()).build().await.unwrap();
    let owner = Owner::user("ada").unwrap();
    let mut key = SecurityKey::new(1);
    let spec = WebauthnEnrollmentSpec::new("example.org".parse().unwrap());
    let enrollment = challenges.create_webauthn_enrollment(owner.clone(), spec).await.unwrap().id();
    let options = challenges.creation_options(&owner, enrollment, "ada").await.unwrap();
    let response = key.create(&options, ORIGIN).unwrap().sign().core_response().unwrap();
    challenges.confirm_webauthn_enrollment(&owner, enrollment, &response).await.unwrap();

    let mut counted = Duration::ZERO;
    for _ in 0..ASSERTIONS {
        let endpoint = EndpointRef { endpoint: Some(enrollment.to_string()), kind: None };
        let spec = ChallengeSpec::new(ChallengeType::Webauthn).unwrap().with_endpoints(vec![endpoint]);
        let start = Instant::now();
        let id = challenges.create_challenge(owner.clone(), spec).await.unwrap().challenge.id();
        counted += start.elapsed();
        let options = challenges.request_options(id).await.unwrap();
        let answer = key.get(&options, ORIGIN).unwrap().sign().answer();
        let start = Instant::now();
        assert!(challenges.answer(Answer::allow(id, ChallengeType::Webauthn, answer)).await.is_ok());
        counted += start.elapsed();
    }
    counted
}

/// A credential of ES256 and an assertion of it.
struct Subject {
    webauthn: Webauthn,
    relying_party: RelyingPartyId,
    credential: Credential,
    key: SecurityKey,
    signed: SignedAssertion,
    message: Vec<u8>,
    point: Vec<u8>,
}

impl Subject {
    fn new() -> Self {
        let webauthn = Webauthn::new();
        let relying_party: RelyingPartyId = "example.org".parse().unwrap();
        let mut key = SecurityKey::new(1);
        let challenge = PublicChallenge::from(CHALLENGE).to_string();
        let options = json!({
            "rp": { "id": "example.org" },
            "user": { "id": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc" },
            "challenge": challenge,
            "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }],
        });
        let response = key.create(&options, ORIGIN).unwrap().sign().core_response().unwrap();
        let credential = webauthn
            .register(&Registration {
                relying_party: &relying_party,
                origins: &webauthn.origins(&relying_party),
                challenge: &CHALLENGE.into(),
                user_verification: UserVerification::Discouraged,
                response: &response,
            })
            .unwrap();
        let options = json!({ "rpId": "example.org", "challenge": challenge });
        let signed = key.get(&options, ORIGIN).unwrap().sign();
        let hash = digest(&SHA256, &signed.client_data);
        let message = [signed.authenticator_data.as_slice(), hash.as_ref()].concat();
        // The coordinates are the last two members of the COSE_Key.
        let cose = credential.public_key.as_bytes();
        let (x, y) = (&cose[cose.len() - 67..cose.len() - 35], &cose[cose.len() - 32..]);
        let point = [&[4], x, y].concat();
        Self { webauthn, relying_party, credential, key, signed, message, point }
    }

    fn judge(&self, answer: &str) {
        let response: AuthenticationResponse = answer.parse().unwrap();
        let verdict = self.webauthn.authenticate(&Authentication {
            relying_party: &self.relying_party,
            origins: &self.webauthn.origins(&self.relying_party),
            challenge: &CHALLENGE.into(),
            user_handle: &UserHandle::from([7; 32]),
            user_verification: UserVerification::Discouraged,
            credential: &self.credential,
            response: &response,
        });
        assert!(verdict.is_ok());
    }

    /// The floor.
    fn signatures(&self) -> Duration {
        timed(|| {
            for _ in 0..ASSERTIONS {
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.point);
                assert!(key.verify(&self.message, &self.signed.signature).is_ok());
            }
        })
    }

    /// What webauthn-rs keeps of the same credential and challenge.
    fn in_webauthn_rs(&self) -> (WebauthnCore, AuthenticationState) {
        let timeout = Duration::from_secs(60);
        let origins = vec![ORIGIN.parse().unwrap()];
        let webauthn = WebauthnCore::new_unsafe_experts_only("R", "example.org", origins, timeout, None, None);
        let builder = webauthn.new_challenge_register_builder(&[7; 32], "ada", "ada").unwrap();
        let builder = builder.user_verification_policy(UserVerificationPolicy::Discouraged_DO_NOT_USE);
        let (options, state) = webauthn.generate_challenge_register(builder).unwrap();
        let options = serde_json::to_value(options.public_key).unwrap();
        let mut created = self.key.clone().create(&options, ORIGIN).unwrap();
        created.authenticator_data.sign_count = 0;
        let created = serde_json::from_value(created.sign().json()).unwrap();
        let credential = webauthn.register_credential(&created, &state, None).unwrap();
        let builder = webauthn.new_challenge_authenticate_builder(vec![credential], None).unwrap();
        let (_, state) = webauthn.generate_challenge_authenticate(builder).unwrap();
        let mut state = serde_json::to_value(state).unwrap();
        state["challenge"] = PublicChallenge::from(CHALLENGE).to_string().into();
        (webauthn, serde_json::from_value(state).unwrap())
    }
}
