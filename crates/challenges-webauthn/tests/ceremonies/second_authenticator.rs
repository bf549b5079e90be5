//! The whole service with an independent authenticator and browser.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use challenges_core::webauthn::{Preference, RegistrationResponse, WebauthnEnrollmentSpec};
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, EndpointRef, KeyRing, Owner};
use challenges_memory::MemoryStore;
use challenges_testkit::administrator;
use challenges_webauthn::Webauthn;
use futures::executor::block_on;
use passkey::authenticator::{Authenticator, MemoryStore as Passkeys, UiHint, UserCheck, UserValidationMethod};
use passkey::client::{Client, DefaultClientData};
use passkey::crypto::AvailableBackend;
use passkey::types::Passkey;
use passkey::types::ctap2::{Aaguid, Ctap2Error};
use serde::Serialize;
use serde_json::json;
use url::Url;

use crate::ceremony::{ORIGIN, relying_party};

/// A user who is present and consents to every request.
struct Obliging;

#[async_trait::async_trait]
impl UserValidationMethod for Obliging {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _: UiHint<'a, Passkey>,
        presence: bool,
        verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence, verification })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

async fn pass(user_verification: Preference) {
    let keys = KeyRing::generate().unwrap();
    let challenges = Challenges::builder(MemoryStore::new(), keys).webauthn(Webauthn::new()).build().await.unwrap();
    let owner = Owner::user("ada").unwrap();
    let authenticator = Authenticator::new(Aaguid::new_empty(), Passkeys::new(), Obliging, AvailableBackend);
    let mut client = Client::new(authenticator);
    let origin: Url = ORIGIN.parse().unwrap();

    let spec = WebauthnEnrollmentSpec::new(relying_party()).with_user_verification(user_verification);
    let enrollment = challenges.webauthn().create(owner.clone(), &administrator(), spec).await.unwrap();
    let options = challenges.webauthn().creation_options(&owner, enrollment.id(), "ada").await.unwrap();
    let options = serde_json::from_value(json!({ "publicKey": options })).unwrap();
    let created = client.register(&origin, options, DefaultClientData).await.unwrap();
    let response = RegistrationResponse::from_json(&json(&created)).unwrap();
    challenges.webauthn().confirm(&owner, &administrator(), enrollment.id(), &response).await.unwrap();

    let endpoint = EndpointRef::webauthn(enrollment.id());
    for again in 0..3 {
        let spec = ChallengeSpec::new(ChallengeType::Webauthn).unwrap().with_endpoints(vec![endpoint]);
        let id = challenges.create(owner.clone(), spec).await.unwrap().challenge.id();
        let options = challenges.webauthn().request_options(id).await.unwrap();
        let options = serde_json::from_value(json!({ "publicKey": options })).unwrap();
        let used = json(&client.authenticate(&origin, options, DefaultClientData).await.unwrap());
        let answer = || challenges.answer(Answer::allow(id, ChallengeType::Webauthn, used.clone()));
        let passed = answer().await.unwrap().passed().unwrap();
        let credential = passed.credential().unwrap();
        assert_eq!(credential.enrollment(), Some(enrollment.id()));
        assert_eq!(credential.is_user_verified(), user_verification != Preference::Discouraged);
        assert!(answer().await.is_err(), "{again}");
    }
}

/// Returns a credential as `JSON.stringify` does in a browser, with bytes in base64url.
fn json(credential: &impl Serialize) -> String {
    let mut json = serde_json::to_value(credential).unwrap();
    let raw_id = json["id"].clone();
    json["rawId"] = raw_id;
    for part in json["response"].as_object_mut().unwrap().values_mut() {
        if let Ok(bytes) = serde_json::from_value::<Vec<u8>>(part.clone()) {
            *part = BASE64_URL_SAFE_NO_PAD.encode(bytes).into();
        }
    }
    json.to_string()
}

/// R47: An assertion of another implementation passes once, for every kind of user verification.
#[test]
fn independent_authenticator_passes_with_any_verification() {
    for user_verification in [Preference::Required, Preference::Preferred, Preference::Discouraged] {
        block_on(pass(user_verification));
    }
}
