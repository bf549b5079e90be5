use std::sync::{Arc, Mutex};
use std::time::Duration;

use challenges_core::step_up::StepUpRefused;
use challenges_core::store::{Key, Kind, Record};
use challenges_core::time::Clock;
use challenges_core::{
    Answer, ChallengeId, ChallengeSpec, ChallengeType, Challenges, CreatedChallenge, Decision, EndpointId,
    EnrollmentId, Error, Factor, KeyRing, Observation, Observer, OutboxId, Outcome, Owner, Policy, Refused, Secret,
    Store, Timestamp,
};
use challenges_memory::MemoryStore;
use challenges_testkit::{Authenticator, FakeClock, administrator};

pub(crate) const START: u64 = 1_700_000_000;
pub(crate) const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// A service with a fake clock, a store open to the test, and a record of the observations.
pub(crate) struct Host {
    pub(crate) challenges: Challenges,
    pub(crate) clock: FakeClock,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) seen: Arc<Recorder>,
}

impl Host {
    /// A host with the default policy, but without notices, which tests of other messages would have to leave out.
    pub(crate) async fn new() -> Self {
        Self::with_policy(quiet()).await
    }

    pub(crate) async fn with_policy(policy: Policy) -> Self {
        let store = Arc::new(MemoryStore::new());
        let clock = FakeClock::at(Timestamp::from_seconds(START));
        let seen = Arc::new(Recorder::default());
        let challenges = service(store.clone(), policy, clock.clone(), seen.clone()).await;
        Self { challenges, clock, store, seen }
    }

    /// Starts another service with these keys on the same store, clock and recorder.
    pub(crate) async fn restarted(&self, keys: &str) -> Result<Self, Error> {
        let page = "https://app.example/answer".parse().unwrap();
        let builder = Challenges::builder(self.store.clone(), keys.parse().unwrap());
        let builder = builder.clock(self.clock.clone()).observer(self.seen.clone()).answer_page(page);
        let challenges = builder.build().await?;
        Ok(Self { challenges, clock: self.clock.clone(), store: self.store.clone(), seen: self.seen.clone() })
    }

    pub(crate) async fn create(&self, user: &str, kind: ChallengeType) -> CreatedChallenge {
        self.challenges.create(owner(user), ChallengeSpec::new(kind).unwrap()).await.unwrap()
    }

    /// Creates and completes a TOTP enrollment. The code of the current time step is used up.
    pub(crate) async fn enroll(&self, user: &str) -> (EnrollmentId, Authenticator) {
        let (enrollment, key) = self.challenges.totp().create(owner(user), &administrator()).await.unwrap();
        let authenticator = Authenticator::new(key.to_base32().expose()).unwrap();
        let code = Secret::from(authenticator.code(self.now()));
        let id = enrollment.id();
        self.challenges.totp().confirm(&owner(user), &administrator(), id, &code).await.unwrap();
        (id, authenticator)
    }

    pub(crate) async fn answer(&self, id: ChallengeId, kind: ChallengeType, answer: &str) -> Result<Decision, Error> {
        self.challenges.answer(Answer::allow(id, kind, answer)).await
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Advances the clock to the next time step of TOTP.
    pub(crate) fn next_step(&self) {
        self.clock.advance(Duration::from_secs(30));
    }

    /// Returns the keys and bodies of all records as text.
    pub(crate) async fn dump(&self) -> String {
        let mut dump = String::new();
        for kind in Kind::ALL {
            for record in self.records(kind).await {
                dump.push_str(&format!("{} {:?}\n", record.key.id, record));
                dump.push_str(std::str::from_utf8(&record.body).unwrap());
                dump.push('\n');
            }
        }
        dump
    }

    /// Returns all records of a kind.
    pub(crate) async fn records(&self, kind: Kind) -> Vec<Record> {
        records_of(&self.store, kind).await
    }
}

/// Returns the default policy without notices.
pub(crate) fn quiet() -> Policy {
    let mut policy = Policy::default();
    policy.sends.notices_per_user = 0;
    policy
}

/// Returns all records of a kind.
pub(crate) async fn records_of(store: &MemoryStore, kind: Kind) -> Vec<Record> {
    let page = store.list(kind, None, None, 10_000).await.unwrap();
    page.into_iter().map(|stored| stored.record).collect()
}

/// Builds a service with the test keys and an answer page.
pub(crate) async fn service(
    store: impl Store,
    policy: Policy,
    clock: impl Clock,
    observer: impl Observer,
) -> Challenges {
    let keys: KeyRing = KEYS.parse().unwrap();
    let page = "https://app.example/answer".parse().unwrap();
    let builder = Challenges::builder(store, keys).policy(policy).clock(clock).observer(observer);
    builder.answer_page(page).build().await.unwrap()
}

pub(crate) fn owner(user: &str) -> Owner {
    Owner::user(user).unwrap()
}

pub(crate) fn refused(result: Result<Decision, Error>) -> bool {
    matches!(result, Err(Error::AnswerRefused))
}

pub(crate) fn passed(result: Result<Decision, Error>) -> bool {
    matches!(result, Ok(Decision::Passed(_)))
}

/// Records observations.
#[derive(Debug, Default)]
pub(crate) struct Recorder(Mutex<Vec<Seen>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    StepUpGranted,
    StepUpRefused(StepUpRefused),
    Created,
    Moved(Outcome),
    Refused(Refused),
    Performed(OutboxId),
    Retried(OutboxId),
    Dead(OutboxId),
    DeadRetried(OutboxId),
    Dropped(&'static str),
    Unreadable,
    Untrusted(Key),
    EndpointGone(EndpointId),
    EndpointTakenOver(EndpointId),
    FactorReset(Factor),
    AdministratorActed,
    /// The codes left, and the reason.
    RecoveryCodeUsed(usize, &'static str),
    RecoveryCodesChanged(usize),
    AccountErased(usize),
    /// The event of a trusted device, or the reason of a refusal.
    Device(&'static str),
    Resealed {
        looked_at: usize,
        resealed: usize,
        last: bool,
    },
    Other,
}

impl Recorder {
    pub(crate) fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Observer for Recorder {
    fn observe(&self, observation: &Observation<'_>) {
        self.0.lock().unwrap().push(match observation {
            Observation::StepUpGranted { .. } => Seen::StepUpGranted,
            Observation::StepUpRefused { reason, .. } => Seen::StepUpRefused(*reason),
            Observation::ChallengeCreated { .. } => Seen::Created,
            Observation::ChallengeMoved { outcome, .. } => Seen::Moved(*outcome),
            Observation::AnswerRefused { reason, .. } => Seen::Refused(*reason),
            Observation::OutboxPerformed { entry, .. } => Seen::Performed(*entry),
            Observation::OutboxRetried { entry, .. } => Seen::Retried(*entry),
            Observation::OutboxDeadLettered { entry, .. } => Seen::Dead(*entry),
            Observation::OutboxDropped { reason, .. } => Seen::Dropped(reason),
            Observation::DeadLetterRetried { entry, .. } => Seen::DeadRetried(*entry),
            Observation::OutboxUnreadable { .. } => Seen::Unreadable,
            Observation::RecordUntrusted { key, .. } => Seen::Untrusted(*key),
            Observation::EndpointAnswerRefused { reason, .. } => Seen::Refused(*reason),
            Observation::AdministratorActed { .. } => Seen::AdministratorActed,
            Observation::FactorReset { factor, .. } => Seen::FactorReset(*factor),
            Observation::EndpointGone { endpoint, .. } => Seen::EndpointGone(*endpoint),
            Observation::EndpointTakenOver { endpoint, .. } => Seen::EndpointTakenOver(*endpoint),
            Observation::RecoveryCodeUsed { left, .. } => Seen::RecoveryCodeUsed(*left, observation.reason()),
            Observation::RecoveryCodesChanged { left, .. } => Seen::RecoveryCodesChanged(*left),
            Observation::AccountErased { records, .. } => Seen::AccountErased(*records),
            Observation::TrustedDeviceRefused { .. } => Seen::Device(observation.reason()),
            Observation::TrustedDeviceAdded { .. }
            | Observation::TrustedDeviceUsed { .. }
            | Observation::TrustedDeviceStolen { .. }
            | Observation::TrustedDeviceRevoked { .. } => Seen::Device(observation.into()),
            Observation::Resealed { report, .. } => {
                Seen::Resealed { looked_at: report.looked_at, resealed: report.resealed, last: report.next.is_none() }
            }
            _ => Seen::Other,
        });
    }
}
