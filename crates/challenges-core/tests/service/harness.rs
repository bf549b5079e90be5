use std::sync::{Arc, Mutex};
use std::time::Duration;

use challenges_core::machine::{Outcome, Refused};
use challenges_core::store::{Kind, ListQuery, Record};
use challenges_core::{
    Answer, Answered, BuildError, ChallengeId, ChallengeSpec, ChallengeType, Challenges, Clock, CreatedChallenge,
    DropReason, EndpointId, EnrollmentId, Error, Factor, KeyRing, Observation, Observer, OutboxId, OutboxOutcome,
    Owner, Policy, Secret, Store, Timestamp,
};
use challenges_memory::MemoryStore;
use challenges_testkit::{Authenticator, FakeClock};

pub(crate) const START: u64 = 1_700_000_000;
pub(crate) const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// A service on a store that the test can look into, and what was observed of it.
pub(crate) struct Host {
    pub(crate) challenges: Challenges,
    pub(crate) clock: FakeClock,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) seen: Arc<Recorder>,
}

impl Host {
    pub(crate) async fn new() -> Self {
        Self::with_policy(Policy::default()).await
    }

    pub(crate) async fn with_policy(policy: Policy) -> Self {
        let store = Arc::new(MemoryStore::new());
        let clock = FakeClock::at(Timestamp::from_seconds(START));
        let seen = Arc::new(Recorder::default());
        let challenges = service(store.clone(), policy, clock.clone(), seen.clone()).await;
        Self { challenges, clock, store, seen }
    }

    /// The same store, clock and recorder under a service that was started with these keys.
    pub(crate) async fn restarted(&self, keys: &str) -> Result<Self, BuildError> {
        let page = "https://app.example/answer".parse().unwrap();
        let builder = Challenges::builder(self.store.clone(), keys.parse().unwrap());
        let builder = builder.clock(self.clock.clone()).observer(self.seen.clone()).answer_page(page);
        let challenges = builder.build().await?;
        Ok(Self { challenges, clock: self.clock.clone(), store: self.store.clone(), seen: self.seen.clone() })
    }

    pub(crate) async fn create(&self, user: &str, kind: ChallengeType) -> CreatedChallenge {
        self.challenges.create_challenge(owner(user), ChallengeSpec::new(kind).unwrap()).await.unwrap()
    }

    /// A user's completed TOTP enrollment, and its authenticator. The code that completed it is of the present step.
    pub(crate) async fn enroll(&self, user: &str) -> (EnrollmentId, Authenticator) {
        let created = self.challenges.create_totp_enrollment(owner(user)).await.unwrap();
        let authenticator = Authenticator::new(created.key.to_base32().expose()).unwrap();
        let code = Secret::from(authenticator.code(self.now()));
        let id = created.enrollment.id();
        self.challenges.confirm_totp_enrollment(&owner(user), id, &code).await.unwrap();
        (id, authenticator)
    }

    pub(crate) async fn answer(&self, id: ChallengeId, kind: ChallengeType, answer: &str) -> Result<Answered, Error> {
        self.challenges.answer(Answer::allow(id, kind, answer)).await
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Moves on to the next time step of TOTP.
    pub(crate) fn next_step(&self) {
        self.clock.advance(Duration::from_secs(30));
    }

    /// Every body in the store, as text.
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

    /// Every record of a kind in the store.
    pub(crate) async fn records(&self, kind: Kind) -> Vec<Record> {
        let page = self.store.list(&ListQuery { kind, owner: None, after: None, limit: 10_000 }).await.unwrap();
        page.records.into_iter().map(|stored| stored.record).collect()
    }
}

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

pub(crate) fn refused(result: Result<Answered, Error>) -> bool {
    matches!(result, Err(Error::AnswerRefused))
}

pub(crate) fn passed(result: Result<Answered, Error>) -> bool {
    matches!(result, Ok(Answered::Passed(_)))
}

/// Notes what was observed.
#[derive(Debug, Default)]
pub(crate) struct Recorder(Mutex<Vec<Seen>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    StepUpGranted,
    StepUpRefused(challenges_core::StepUpRefusal),
    Created,
    Moved(Outcome),
    Refused(Refused),
    Performed(OutboxId),
    Retried(OutboxId),
    Dead(OutboxId),
    DeadRetried(OutboxId),
    Dropped(DropReason),
    Unreadable,
    EndpointGone(EndpointId),
    FactorReset(Factor),
    Resealed { looked_at: usize, resealed: usize, last: bool },
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
            Observation::StepUpGranted(_) => Seen::StepUpGranted,
            Observation::StepUpRefused(_, _, reason) => Seen::StepUpRefused(*reason),
            Observation::ChallengeCreated(_) => Seen::Created,
            Observation::ChallengeMoved(_, outcome) => Seen::Moved(*outcome),
            Observation::AnswerRefused(_, reason) => Seen::Refused(*reason),
            Observation::Outbox { id, outcome, .. } => match outcome {
                OutboxOutcome::Performed(_) => Seen::Performed(*id),
                OutboxOutcome::Retried { .. } => Seen::Retried(*id),
                OutboxOutcome::DeadLettered(_) => Seen::Dead(*id),
                OutboxOutcome::Dropped(reason) => Seen::Dropped(*reason),
                _ => Seen::Other,
            },
            Observation::DeadLetterRetried(id) => Seen::DeadRetried(*id),
            Observation::OutboxUnreadable(..) => Seen::Unreadable,
            Observation::EndpointAnswerRefused(_, reason) => Seen::Refused(*reason),
            Observation::FactorReset(_, factor) => Seen::FactorReset(*factor),
            Observation::EndpointGone(id) => Seen::EndpointGone(*id),
            Observation::Resealed(page) => {
                Seen::Resealed { looked_at: page.looked_at, resealed: page.resealed, last: page.next.is_none() }
            }
            _ => Seen::Other,
        });
    }
}
