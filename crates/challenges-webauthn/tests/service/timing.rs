//! R24: The work for an answer does not reveal the enrolled credentials.

use std::sync::{Arc, Mutex};

use challenges_core::webauthn::{
    Asserted, Authentication, Ceremonies, Creation, Credential, Registration, Rejected, RelyingPartyId, Request,
};
use challenges_core::{Origin, Outcome, Policy};
use challenges_testkit::webauthn::SecurityKey;
use challenges_webauthn::Webauthn;
use serde_json::Value;

use crate::harness::{Host, ORIGIN, Seen, passed, refused};

type Verdicts = Arc<Mutex<Vec<Result<(), Rejected>>>>;

/// Ceremonies that record the verdict on each assertion.
#[derive(Debug, Default)]
struct Recording {
    webauthn: Webauthn,
    verdicts: Verdicts,
}

impl Ceremonies for Recording {
    fn origins(&self, relying_party: &RelyingPartyId) -> Vec<Origin> {
        self.webauthn.origins(relying_party)
    }

    fn requires_attestation(&self) -> bool {
        self.webauthn.requires_attestation()
    }

    fn creation_options(&self, creation: &Creation<'_>) -> Value {
        self.webauthn.creation_options(creation)
    }

    fn request_options(&self, request: &Request<'_>) -> Value {
        self.webauthn.request_options(request)
    }

    fn register(&self, registration: &Registration<'_>) -> Result<Credential, Rejected> {
        self.webauthn.register(registration)
    }

    fn admit(&self, credential: &Credential) -> Result<(), Rejected> {
        self.webauthn.admit(credential)
    }

    fn authenticate(&self, authentication: &Authentication<'_>) -> Result<Asserted, Rejected> {
        let verdict = self.webauthn.authenticate(authentication);
        self.verdicts.lock().unwrap().push(verdict.map(|_| ()));
        verdict
    }
}

/// R24: An assertion with an unknown credential id reaches the signature, as one with an enrolled id does.
#[tokio::test]
async fn unknown_credential_costs_a_signature_check() {
    let ceremonies = Recording::default();
    let verdicts = ceremonies.verdicts.clone();
    let host = Host::with(Policy::default(), ceremonies).await;
    let mut key = SecurityKey::new(1);
    let enrollment = host.enroll("ann", &mut key).await;
    let id = host.challenge("ann", &[enrollment]).await;
    let options = host.challenges.webauthn().request_options(id).await.unwrap();
    let right = key.get(&options, ORIGIN).unwrap();
    let mut forged = right.clone();
    forged.private_key = SecurityKey::new(9).private_key;
    let unknown = SecurityKey::new(2).credential_id;

    for (signed, credential_id, verdict) in [
        (&forged, key.credential_id.clone(), Err(Rejected::Signature)),
        (&forged, unknown.clone(), Err(Rejected::Signature)),
        // The signature of the enrolled key proves nothing under another id.
        (&right, unknown, Ok(())),
    ] {
        let mut answer = signed.sign();
        (answer.id, answer.raw_id) = (credential_id.clone(), credential_id);
        host.seen.take();
        assert!(refused(host.answer(id, &answer.answer()).await));
        assert_eq!(std::mem::take(&mut *verdicts.lock().unwrap()), [verdict]);
        assert!(host.seen.take().contains(&Seen::Moved(Outcome::Wrong)));
    }
    assert_eq!(host.stored(id).await.wrong_answers(), 3);
    assert!(passed(host.answer(id, &right.sign().answer()).await));
}
