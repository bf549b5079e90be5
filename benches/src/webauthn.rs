//! An ES256 credential and an assertion, for the library and for webauthn-rs.

use std::time::Duration;

use challenges_core::webauthn::{
    Authentication, AuthenticationResponse, Ceremonies as _, Credential, Preference, PublicChallenge, Registration,
    RelyingPartyId, UserHandle,
};
use challenges_testkit::webauthn::{SecurityKey, SignedAssertion};
use challenges_webauthn::Webauthn;
use serde_json::json;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::proto::{AuthenticationState, UserVerificationPolicy};

use crate::floor::Signature;

const ORIGIN: &str = "https://example.org";
const CHALLENGE: [u8; 32] = [5; 32];

pub(crate) fn signature() -> Signature {
    Assertion::new().signature()
}

pub(crate) struct Assertion {
    webauthn: Webauthn,
    relying_party: RelyingPartyId,
    credential: Credential,
    key: SecurityKey,
    pub(crate) signed: SignedAssertion,
}

impl Assertion {
    pub(crate) fn new() -> Self {
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
                user_verification: Preference::Discouraged,
                response: &response,
            })
            .unwrap();
        let options = json!({ "rpId": "example.org", "challenge": challenge });
        let signed = key.get(&options, ORIGIN).unwrap().sign();
        Self { webauthn, relying_party, credential, key, signed }
    }

    pub(crate) fn signature(&self) -> Signature {
        Signature::of(&self.signed, &self.credential)
    }

    pub(crate) fn judge(&self, answer: &str) {
        let response: AuthenticationResponse = answer.parse().unwrap();
        let verdict = self.webauthn.authenticate(&Authentication {
            relying_party: &self.relying_party,
            origins: &self.webauthn.origins(&self.relying_party),
            challenge: &CHALLENGE.into(),
            user_handle: &UserHandle::from([7; 32]),
            user_verification: Preference::Discouraged,
            credential: &self.credential,
            response: &response,
        });
        assert!(verdict.is_ok());
    }

    /// Returns the webauthn-rs state of the same credential and challenge.
    pub(crate) fn in_webauthn_rs(&self) -> (WebauthnCore, AuthenticationState) {
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
