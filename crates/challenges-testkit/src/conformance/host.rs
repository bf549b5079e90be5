use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use challenges_core::outbox::Task;
use challenges_core::{
    Answer, ChallengeId, ChallengeSpec, ChallengeType, Challenges, Decision, Error, Observation, Observer, Outcome,
    Owner, Policy, Store, Timestamp,
};
use futures::future::BoxFuture;

use super::failure::{Complaint, Verdict, ensure};
use super::fixture::Fixture;
use crate::{Authenticator, Counting, FakeClock, Yielding, administrator, key_ring};

/// The initial time of a host, in Unix seconds.
pub(super) const START: u64 = 1_700_000_000;

/// A service on a store that yields between reads and writes.
pub(super) struct Host {
    pub(super) challenges: Challenges,
    pub(super) clock: FakeClock,
    pub(super) observed: Arc<Observed>,
    calls: Counting<Yielding<dyn Store>>,
}

/// Counts of answers by outcome, and of thefts, taken from observations.
#[derive(Debug, Default)]
pub(super) struct Observed {
    right: AtomicUsize,
    wrong: AtomicUsize,
    refused: AtomicUsize,
    thefts: AtomicUsize,
}

impl Observed {
    /// Returns the number of answers that were compared and stored as wrong.
    pub(super) fn wrong(&self) -> usize {
        self.wrong.load(Ordering::SeqCst)
    }

    /// Returns the number of thefts of trusted devices.
    pub(super) fn thefts(&self) -> usize {
        self.thefts.load(Ordering::SeqCst)
    }

    fn answers(&self) -> usize {
        [&self.right, &self.wrong, &self.refused].map(|count| count.load(Ordering::SeqCst)).into_iter().sum()
    }
}

impl Observer for Observed {
    fn observe(&self, observation: &Observation<'_>) {
        let count = match observation {
            Observation::ChallengeMoved { outcome: Outcome::Wrong, .. } => &self.wrong,
            Observation::ChallengeMoved { outcome: Outcome::Passed | Outcome::Declined, .. } => &self.right,
            Observation::AnswerRefused { .. } => &self.refused,
            Observation::TrustedDeviceStolen { .. } => &self.thefts,
            _ => return,
        };
        count.fetch_add(1, Ordering::SeqCst);
    }
}

/// The result of an answer among many concurrent answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reply {
    Accepted,
    Refused,
    /// The service gave up after too many conflicts, without a decision.
    GaveUp,
}

impl Host {
    pub(super) async fn new(fixture: &Fixture<'_>, policy: Policy) -> Verdict<Self> {
        Self::on(Arc::clone(&fixture.store), policy).await
    }

    pub(super) async fn on(store: Arc<dyn Store>, policy: Policy) -> Verdict<Self> {
        let calls = Counting::new(Yielding::sharing(store));
        let clock = FakeClock::at(Timestamp::from_seconds(START));
        let observed = Arc::new(Observed::default());
        let challenges = Challenges::builder(calls.clone(), key_ring())
            .policy(policy)
            .clock(clock.clone())
            .observer(Arc::clone(&observed))
            .build()
            .await?;
        Ok(Self { challenges, clock, observed, calls })
    }

    /// Gives all answers concurrently and returns the number of accepted answers.
    ///
    /// Checks that every decided answer is observed exactly once (R43).
    pub(super) async fn accepted(&self, fixture: &Fixture<'_>, answers: Vec<Answer>) -> Verdict<usize> {
        let give = |answer| -> BoxFuture<'static, Verdict<Reply>> {
            let challenges = self.challenges.clone();
            Box::pin(async move {
                match challenges.answer(answer).await {
                    Ok(Decision::Passed(_) | Decision::Declined(_)) => Ok(Reply::Accepted),
                    Err(Error::AnswerRefused) => Ok(Reply::Refused),
                    Err(Error::Contended) => Ok(Reply::GaveUp),
                    Err(error) => Err(error.into()),
                }
            })
        };
        let before = self.observed.answers();
        let replies = fixture.race(answers.into_iter().map(give).collect()).await?;
        let observed = self.observed.answers() - before;
        let decided = replies.iter().filter(|reply| **reply != Reply::GaveUp).count();
        ensure!(observed == decided, "{decided} answers were decided, but {observed} were observed");
        Ok(replies.into_iter().filter(|reply| *reply == Reply::Accepted).count())
    }

    /// Gives one answer and returns whether the service accepted the answer.
    pub(super) async fn accepts(&self, fixture: &Fixture<'_>, answer: Answer) -> Verdict<bool> {
        Ok(self.accepted(fixture, vec![answer]).await? == 1)
    }

    /// Checks that tasks met a conflict. A race without a conflict proves nothing.
    pub(super) fn raced(&self) -> Verdict {
        ensure!(
            self.calls.counts().conflict > 0,
            "no commit returned Conflict: the store accepts stale versions, or the tasks ran one after another",
        );
        Ok(())
    }

    pub(super) async fn create(&self, user: &str, kind: ChallengeType) -> Verdict<(ChallengeId, String)> {
        self.create_as(user, ChallengeSpec::new(kind).map_err(Error::from)?).await
    }

    /// Creates a challenge and returns the id and the code.
    pub(super) async fn create_as(&self, user: &str, spec: ChallengeSpec) -> Verdict<(ChallengeId, String)> {
        let owner = Owner::user(user).map_err(Error::from)?;
        let created = self.challenges.create(owner, spec).await?;
        Ok((created.challenge.id(), created.code.map(|code| code.expose().to_owned()).unwrap_or_default()))
    }

    /// Returns the challenge and URI of each HTTP action of a user in the outbox.
    pub(super) async fn queued(&self, owner: &Owner) -> Verdict<Vec<(Option<ChallengeId>, String)>> {
        let mut queued = Vec::new();
        for entry in self.challenges.outbox().list(Some(owner), None, 500).await? {
            let Ok(entry) = entry else { return Err(Complaint::Wrong("an outbox entry cannot be read".to_owned())) };
            if let Task::Act { action, .. } = entry.task {
                queued.push((entry.challenge, action.uri().to_owned()));
            }
        }
        Ok(queued)
    }

    pub(super) async fn enroll(&self, user: &str) -> Verdict<Authenticator> {
        let owner = Owner::user(user).map_err(Error::from)?;
        let (enrollment, key) = self.challenges.totp().create(owner.clone(), &administrator()).await?;
        let app = Authenticator::new(key.to_base32().expose());
        let Some(app) = app else { return Err(Complaint::Wrong("the enrollment has no valid key".to_owned())) };
        let code = app.code(Timestamp::from_seconds(START)).into();
        self.challenges.totp().confirm(&owner, &administrator(), enrollment.id(), &code).await?;
        self.clock.advance(Duration::from_secs(30));
        Ok(app)
    }
}
