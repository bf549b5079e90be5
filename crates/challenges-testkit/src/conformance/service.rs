//! What attackers try, through the service: races for one answer, bursts of guesses.

use std::sync::Arc;
use std::time::Duration;

use challenges_core::machine::Outcome;
use challenges_core::{
    Actor, Answer, Answered, ChallengeId, ChallengeSpec, ChallengeType, Challenges, CodeForm, Error, HttpAction,
    HttpActionParts, KeyRing, Observation, Observer, OneTimeUseAction, Owner, Policy, State, Task, Timeout, Timestamp,
};
use futures::future::BoxFuture;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::failure::{Complaint, Verdict, ensure};
use super::fixture::Fixture;
use crate::{Authenticator, Counting, FakeClock, Yielding};

const START: u64 = 1_700_000_000;
const LIMIT: usize = 5;

/// A service on the store of a fixture, whose tasks take turns between reading and writing.
struct Host {
    challenges: Challenges,
    clock: FakeClock,
    calls: Counting<Yielding<dyn challenges_core::Store>>,
    evaluated: Arc<Evaluated>,
}

/// Counts the answers that were compared, right or wrong, and stored as such.
#[derive(Debug, Default)]
struct Evaluated {
    right: AtomicUsize,
    wrong: AtomicUsize,
}

impl Observer for Evaluated {
    fn observe(&self, observation: &Observation<'_>) {
        let count = match observation {
            Observation::ChallengeMoved(_, Outcome::Wrong) => &self.wrong,
            Observation::ChallengeMoved(_, Outcome::Passed | Outcome::Declined) => &self.right,
            _ => return,
        };
        count.fetch_add(1, Ordering::SeqCst);
    }
}

impl Host {
    async fn new(fixture: &Fixture<'_>, policy: Policy) -> Verdict<Self> {
        let calls = Counting::new(Yielding::sharing(Arc::clone(&fixture.store)));
        let clock = FakeClock::at(Timestamp::from_seconds(START));
        let evaluated = Arc::new(Evaluated::default());
        let keys = KeyRing::generate().map_err(Error::from)?;
        let challenges = Challenges::builder(calls.clone(), keys)
            .policy(policy)
            .clock(clock.clone())
            .observer(Arc::clone(&evaluated))
            .build()
            .await?;
        Ok(Self { challenges, clock, calls, evaluated })
    }

    /// Gives all those answers at once, and counts those that were accepted.
    async fn accepted(&self, fixture: &Fixture<'_>, answers: Vec<Answer>) -> Verdict<usize> {
        let give = |answer| -> BoxFuture<'static, Verdict<bool>> {
            let challenges = self.challenges.clone();
            Box::pin(async move {
                match challenges.answer(answer).await {
                    Ok(Answered::Passed(_) | Answered::Declined(_)) => Ok(true),
                    // In a crowd some give up; that is no success.
                    Err(Error::AnswerRefused | Error::Contended) => Ok(false),
                    Err(error) => Err(error.into()),
                }
            })
        };
        let accepted = fixture.race(answers.into_iter().map(give).collect()).await?;
        Ok(accepted.into_iter().filter(|accepted| *accepted).count())
    }

    /// That tasks met each other: without it a race proves nothing.
    fn raced(&self) -> Verdict {
        ensure!(
            self.calls.counts().conflict > 0,
            "no commit met a conflict: either the store takes stale versions, or the tasks ran one after another",
        );
        Ok(())
    }

    async fn create(&self, user: &str, kind: ChallengeType) -> Verdict<(ChallengeId, String)> {
        let spec = ChallengeSpec::new(kind).map_err(Error::from)?;
        let owner = Owner::user(user).map_err(Error::from)?;
        let created = self.challenges.create_challenge(owner, spec).await?;
        Ok((created.challenge.id(), created.code.map(|code| code.expose().to_owned()).unwrap_or_default()))
    }

    /// The URIs of the actions of a challenge that are in the outbox.
    async fn queued(&self, id: ChallengeId) -> Verdict<Vec<String>> {
        let mut queued = Vec::new();
        for entry in self.challenges.outbox(10_000).await? {
            let Ok(entry) = entry else { return Err(Complaint::Wrong("an outbox entry cannot be read".to_owned())) };
            if let (Task::Act(act), true) = (entry.task, entry.challenge == Some(id)) {
                queued.push(act.action.parts().uri.clone());
            }
        }
        Ok(queued)
    }

    async fn enroll(&self, user: &str) -> Verdict<Authenticator> {
        let owner = Owner::user(user).map_err(Error::from)?;
        let created = self.challenges.create_totp_enrollment(owner.clone()).await?;
        let app = Authenticator::new(created.key.to_base32().expose());
        let Some(app) = app else { return Err(Complaint::Wrong("the enrollment has no key".to_owned())) };
        let code = app.code(Timestamp::from_seconds(START)).into();
        self.challenges.confirm_totp_enrollment(&owner, created.enrollment.id(), &code).await?;
        self.clock.advance(Duration::from_secs(30));
        Ok(app)
    }
}

/// R1.
pub(super) async fn one_right_answer(fixture: &Fixture<'_>) -> Verdict {
    let host = Host::new(fixture, Policy::default()).await?;
    for tasks in super::race::rounds(fixture).map(|(_, tasks)| tasks) {
        let (id, code) = host.create("alice", ChallengeType::Code).await?;
        let answers = (0..tasks).map(|_| Answer::allow(id, ChallengeType::Code, code.as_str())).collect();
        let accepted = host.accepted(fixture, answers).await?;
        ensure!(accepted == 1, "of {tasks} right answers to one challenge at once {accepted} were accepted");
    }
    host.raced()
}

/// R2.
pub(super) async fn one_use_of_a_code(fixture: &Fixture<'_>) -> Verdict {
    let host = Host::new(fixture, Policy::default()).await?;
    for (round, tasks) in super::race::rounds(fixture) {
        let user = format!("user{round}");
        let app = host.enroll(&user).await?;
        let code = app.code(Timestamp::from_seconds(START + 30));
        let mut answers = Vec::new();
        for _ in 0..tasks.min(32) {
            let (id, _) = host.create(&user, ChallengeType::Totp).await?;
            answers.push(Answer::allow(id, ChallengeType::Totp, code.as_str()));
        }
        let accepted = host.accepted(fixture, answers).await?;
        ensure!(accepted == 1, "one TOTP code was accepted by {accepted} of {tasks} challenges at once");
        host.clock.set(Timestamp::from_seconds(START));
    }
    host.raced()
}

/// R3: ten times as many wrong answers as a challenge takes, at once, then the right one.
pub(super) async fn attempt_budget(fixture: &Fixture<'_>) -> Verdict {
    let mut policy = Policy::default();
    policy.code = CodeForm::Digits(10);
    policy.failures_before_delay = 100;
    let host = Host::new(fixture, policy).await?;
    for (round, _) in super::race::rounds(fixture) {
        let (id, code) = host.create(&format!("user{round}"), ChallengeType::Code).await?;
        let before = host.evaluated.wrong.load(Ordering::SeqCst);
        let answers = (0..10 * LIMIT).map(|number| Answer::allow(id, ChallengeType::Code, format!("wrong {number}")));
        let accepted = host.accepted(fixture, answers.collect()).await?;
        let evaluated = host.evaluated.wrong.load(Ordering::SeqCst) - before;
        ensure!(accepted == 0, "{accepted} wrong answers were accepted");
        ensure!(evaluated == LIMIT, "{evaluated} wrong answers of a burst were compared; {LIMIT} may be");
        let accepted = host.accepted(fixture, vec![Answer::allow(id, ChallengeType::Code, code)]).await?;
        ensure!(accepted == 0, "the right answer was accepted after {LIMIT} wrong ones");
    }
    host.raced()
}

/// R4: a burst of guesses over as many challenges of one user.
pub(super) async fn guesses_over_challenges(fixture: &Fixture<'_>) -> Verdict {
    let host = Host::new(fixture, Policy::default()).await?;
    let most = usize::try_from(host.challenges.policy().failures_before_delay).unwrap_or_default();
    for (round, _) in super::race::rounds(fixture) {
        let user = format!("user{round}");
        let app = host.enroll(&user).await?;
        let mut answers = Vec::new();
        for number in 0..50 {
            let (id, _) = host.create(&user, ChallengeType::Totp).await?;
            let guess = app.wrong_code(Timestamp::from_seconds(START + 30), number);
            answers.push(Answer::allow(id, ChallengeType::Totp, guess));
        }
        let before = host.evaluated.wrong.load(Ordering::SeqCst);
        let accepted = host.accepted(fixture, answers).await?;
        let evaluated = host.evaluated.wrong.load(Ordering::SeqCst) - before;
        ensure!(accepted == 0, "{accepted} wrong codes were accepted");
        ensure!(evaluated == most, "{evaluated} guesses over 50 challenges were compared; {most} may be");
        host.clock.set(Timestamp::from_seconds(START));
    }
    host.raced()
}

/// R10: every actor approves and declines at once; one outcome is decided, and its actions alone are queued.
pub(super) async fn one_outcome(fixture: &Fixture<'_>) -> Verdict {
    const KIND: ChallengeType = ChallengeType::OneTimeUseAction;
    const APPROVED: &str = "https://a.example/approved";
    const DECLINED: &str = "https://a.example/declined";

    let host = Host::new(fixture, Policy::default()).await?;
    let owner = Owner::user("alice").map_err(Error::from)?;
    for (_, tasks) in super::race::rounds(fixture) {
        let actors =
            (0..tasks.min(16)).map(|number| Actor { user_id: format!("actor{number}"), org_id: "org".to_owned() });
        let timeout = Timeout::from_seconds(600).map_err(Error::from)?;
        let mut action = OneTimeUseAction::new(actors.collect(), timeout);
        action.approved_actions = vec![http(APPROVED)?; 2];
        action.declined_actions = vec![http(DECLINED)?; 2];
        let created = host.challenges.create_one_time_use_action(owner.clone(), action).await?;
        let id = created.challenge.id();
        let answers = created.secrets.iter().flat_map(|secrets| {
            let approve = Answer::allow(id, KIND, secrets.approve.expose());
            [approve, Answer::decline(id, KIND, secrets.decline.expose())]
        });
        let accepted = host.accepted(fixture, answers.collect()).await?;
        ensure!(accepted == 1, "of approvals and declines of {tasks} actors at once {accepted} were accepted");
        let approved = host.challenges.challenge(id).await?.state() == State::ChallengePassed;
        let wanted = if approved { APPROVED } else { DECLINED };
        let queued = host.queued(id).await?;
        ensure!(queued == [wanted, wanted], "one challenge whose outcome calls {wanted} twice has queued {queued:?}");
    }
    host.raced()
}

fn http(uri: &str) -> Verdict<HttpAction> {
    let parts = HttpActionParts {
        method: "POST".to_owned(),
        uri: uri.to_owned(),
        body: None,
        content_type: None,
        scopes: Vec::new(),
    };
    Ok(HttpAction::new(parts).map_err(Error::from)?)
}
