use std::sync::{Arc, Mutex};

use challenges_core::webauthn::{Ceremonies, Rejected, RelyingPartyId, WebauthnEnrollment, WebauthnEnrollmentSpec};
use challenges_core::{
    Answer, Challenge, ChallengeId, ChallengeSpec, ChallengeType, Challenges, Decision, EndpointRef, EnrollmentId,
    Error, Invalid, KeyRing, Observation, Observer, Outcome, Owner, Policy, Refused, Store, Timestamp,
};
use challenges_memory::MemoryStore;
use challenges_testkit::webauthn::{SecurityKey, SignedCredential};
use challenges_testkit::{Authenticator, FakeClock, administrator};
use challenges_webauthn::Webauthn;

pub(crate) const ORIGIN: &str = "https://example.org";
pub(crate) const WEBAUTHN: ChallengeType = ChallengeType::Webauthn;
const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// A service, its store, and a record of its observations.
pub(crate) struct Host {
    pub(crate) challenges: Challenges,
    pub(crate) clock: FakeClock,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) seen: Arc<Recorder>,
}

impl Host {
    pub(crate) async fn new() -> Self {
        Self::with(Policy::default(), Webauthn::new()).await
    }

    pub(crate) async fn with(policy: Policy, webauthn: impl Ceremonies) -> Self {
        let store = Arc::new(MemoryStore::new());
        let clock = FakeClock::at(Timestamp::from_seconds(1_700_000_000));
        let seen = Arc::new(Recorder::default());
        let challenges = service(store.clone(), &clock, policy, webauthn, seen.clone()).await;
        Self { challenges, clock, store, seen }
    }

    /// Creates another service on the same records, through another store.
    pub(crate) async fn through(&self, store: impl Store) -> Challenges {
        self.observed_through(store, ()).await
    }

    pub(crate) async fn observed_through(&self, store: impl Store, observer: impl Observer) -> Challenges {
        service(store, &self.clock, Policy::default(), Webauthn::new(), observer).await
    }

    /// Creates another service on the same records, with another configuration.
    pub(crate) async fn reconfigured(&self, webauthn: Webauthn) -> Challenges {
        service(self.store.clone(), &self.clock, Policy::default(), webauthn, ()).await
    }

    /// Creates another service on the same records, without WebAuthn.
    pub(crate) async fn without_webauthn(&self) -> Challenges {
        let builder = Challenges::builder(self.store.clone(), KEYS.parse().unwrap()).clock(self.clock.clone());
        builder.build().await.unwrap()
    }

    pub(crate) async fn begin(&self, user: &str) -> WebauthnEnrollment {
        self.challenges.webauthn().create(owner(user), &administrator(), spec("example.org")).await.unwrap()
    }

    /// Returns the key's response to the options of a pending enrollment.
    pub(crate) async fn sign_registration(
        &self,
        enrollment: &WebauthnEnrollment,
        key: &mut SecurityKey,
    ) -> SignedCredential {
        let options = self
            .challenges
            .webauthn()
            .creation_options(enrollment.owner(), enrollment.id(), "an account")
            .await
            .unwrap();
        key.create(&options, ORIGIN).unwrap().sign()
    }

    pub(crate) async fn complete(
        &self,
        enrollment: &WebauthnEnrollment,
        key: &mut SecurityKey,
    ) -> Result<WebauthnEnrollment, Error> {
        let response = self.sign_registration(enrollment, key).await.core_response().unwrap();
        self.challenges.webauthn().confirm(enrollment.owner(), &administrator(), enrollment.id(), &response).await
    }

    /// Completes an enrollment with a key.
    pub(crate) async fn enroll(&self, user: &str, key: &mut SecurityKey) -> EnrollmentId {
        let enrollment = self.begin(user).await;
        self.complete(&enrollment, key).await.unwrap().id()
    }

    /// Completes a TOTP enrollment, and returns the authenticator. The current code is used up.
    pub(crate) async fn totp(&self, user: &str) -> Authenticator {
        let (enrollment, key) = self.challenges.totp().create(owner(user), &administrator()).await.unwrap();
        let app = Authenticator::new(key.to_base32().expose()).unwrap();
        let code = app.code(self.challenges.now()).into();
        self.challenges.totp().confirm(&owner(user), &administrator(), enrollment.id(), &code).await.unwrap();
        app
    }

    /// Creates a challenge that names these enrollments.
    pub(crate) async fn challenge(&self, user: &str, named: &[EnrollmentId]) -> ChallengeId {
        let created = self.challenges.create(owner(user), asking(named)).await.unwrap();
        created.challenge.id()
    }

    /// Returns the key's answer to a challenge.
    pub(crate) async fn assertion(&self, id: ChallengeId, key: &mut SecurityKey) -> String {
        let options = self.challenges.webauthn().request_options(id).await.unwrap();
        key.get(&options, ORIGIN).unwrap().sign().answer()
    }

    pub(crate) async fn answer(&self, id: ChallengeId, answer: &str) -> Result<Decision, Error> {
        self.challenges.answer(Answer::allow(id, WEBAUTHN, answer)).await
    }

    /// Answers a new challenge with a key.
    pub(crate) async fn pass(
        &self,
        user: &str,
        enrollment: EnrollmentId,
        key: &mut SecurityKey,
    ) -> Result<Decision, Error> {
        let id = self.challenge(user, &[enrollment]).await;
        let answer = self.assertion(id, key).await;
        self.answer(id, &answer).await
    }

    pub(crate) async fn stored(&self, id: ChallengeId) -> Challenge {
        self.challenges.get(id).await.unwrap()
    }
}

async fn service(
    store: impl Store,
    clock: &FakeClock,
    policy: Policy,
    webauthn: impl Ceremonies,
    observer: impl Observer,
) -> Challenges {
    let keys: KeyRing = KEYS.parse().unwrap();
    let builder = Challenges::builder(store, keys).policy(policy).clock(clock.clone()).observer(observer);
    let page = "https://app.example/answer".parse().unwrap();
    builder.webauthn(webauthn).answer_page(page).build().await.unwrap()
}

pub(crate) fn owner(user: &str) -> Owner {
    Owner::user(user).unwrap()
}

pub(crate) fn relying_party(id: &str) -> RelyingPartyId {
    id.parse().unwrap()
}

pub(crate) fn spec(id: &str) -> WebauthnEnrollmentSpec {
    WebauthnEnrollmentSpec::new(relying_party(id))
}

/// Specifies a WebAuthn challenge that names these enrollments.
pub(crate) fn asking(named: &[EnrollmentId]) -> ChallengeSpec {
    let endpoints = named.iter().map(|id| EndpointRef::webauthn(*id)).collect();
    ChallengeSpec::new(WEBAUTHN).unwrap().with_endpoints(endpoints)
}

pub(crate) fn refused<T>(result: Result<T, Error>) -> bool {
    matches!(result, Err(Error::AnswerRefused))
}

pub(crate) fn passed(result: Result<Decision, Error>) -> bool {
    matches!(result, Ok(Decision::Passed(_)))
}

pub(crate) fn invalid<T>(result: Result<T, Error>) -> Option<Invalid> {
    match result {
        Err(Error::Invalid(invalid)) => Some(invalid),
        _ => None,
    }
}

/// Records observations.
#[derive(Debug, Default)]
pub(crate) struct Recorder(Mutex<Vec<Seen>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Moved(Outcome),
    Refused(Refused),
    Rejected(EnrollmentId, Rejected),
    EnrollmentWrong(Option<Rejected>),
    EnrollmentRefused(Refused),
    Other,
}

impl Recorder {
    /// Returns the observations since the last call.
    pub(crate) fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Observer for Recorder {
    fn observe(&self, observation: &Observation<'_>) {
        self.0.lock().unwrap().push(match *observation {
            Observation::ChallengeMoved { outcome, .. } => Seen::Moved(outcome),
            Observation::AnswerRefused { reason, .. } => Seen::Refused(reason),
            Observation::AssertionRejected { enrollment, reason, .. } => Seen::Rejected(enrollment, reason),
            Observation::EnrollmentAnswerWrong { reason, .. } => Seen::EnrollmentWrong(reason),
            Observation::EnrollmentAnswerRefused { reason, .. } => Seen::EnrollmentRefused(reason),
            _ => Seen::Other,
        });
    }
}
