//! Conformance cases that record concurrent histories of one challenge and check linearizability (R54).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use challenges_core::store::StoreError;
use challenges_core::{
    Answer, AnswerData, Challenge, ChallengeId, ChallengeSpec, ChallengeType, Challenges, Decision, Error, Policy,
    Timeout,
};
use futures::future::BoxFuture;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{Call, Ended, OneChallenge, Recorder, Return, check};
use crate::conformance::failure::Verdict;
use crate::conformance::fixture::Fixture;
use crate::conformance::host::Host;
use crate::conformance::race::rounds;
use crate::{Fault, Flaky, Method};

/// The number of calls in a history, over all clients. A check of this length takes well under a second.
const CALLS: usize = 64;
/// The maximum number of clients. Each additional client doubles the duration of a check.
const MOST_CLIENTS: usize = 8;
/// The number of wrong answers that closes a challenge.
const LIMIT: u32 = 5;
/// The particulars of a new challenge. Each replacement has a greater number.
const FIRST: u32 = 1;
const DATA: &str = "particulars";

/// Clients read, replace, answer and delete one challenge concurrently.
pub(in crate::conformance) async fn one_challenge(fixture: &Fixture<'_>) -> Verdict {
    let host = Host::new(fixture, policy()).await?;
    for (round, tasks) in rounds(fixture) {
        let watched = Arc::new(Watched::new(&host, fixture.suite.seed, round).await?);
        watched.run(fixture, tasks).await?;
        watched.explained()?;
    }
    host.raced()
}

/// Clients use one challenge concurrently while replies of the store are lost, so that some outcomes are unknown.
pub(in crate::conformance) async fn lost_replies(fixture: &Fixture<'_>) -> Verdict {
    let flaky = Flaky::sharing(Arc::clone(&fixture.store));
    let host = Host::on(Arc::new(flaky.clone()), policy()).await?;
    for (round, tasks) in rounds(fixture) {
        let watched = Arc::new(Watched::new(&host, fixture.suite.seed, round).await?);
        // The first commit is applied, but its reply is lost and the load that would recover the outcome fails.
        let first = flaky.calls();
        flaky.fail_when(move |call| match call.index.checked_sub(first) {
            Some(1) => Some(Fault::After),
            Some(2) => Some(Fault::Before),
            _ => None,
        });
        watched.call(Call::Replace { particulars: FIRST + 1, issue: round % 2 == 0 }).await?;
        flaky.fail_when(faults(watched.seed));
        watched.run(fixture, tasks).await?;
        flaky.recover();
        watched.call(Call::Read).await?;
        watched.explained()?;
    }
    host.raced()
}

fn policy() -> Policy {
    let mut policy = Policy::default();
    policy.code_digits = Some(10);
    policy.guesses_per_challenge = LIMIT;
    policy.failures_before_delay = 100;
    policy
}

/// Returns a plan of few enough faults for an exhaustive search over the possible outcomes.
fn faults(seed: u64) -> impl FnMut(crate::Call) -> Option<Fault> + Send + 'static {
    let mut random = StdRng::seed_from_u64(seed);
    let (mut left, mut blind) = (6_u32, 0_u32);
    move |call| match call.method {
        Method::Commit if left > 0 && random.random_range(0..4_u32) == 0 => {
            left -= 1;
            blind = 2;
            Some(if random.random_range(0..4_u32) == 0 { Fault::Before } else { Fault::After })
        }
        Method::Load if blind > 0 => {
            blind -= 1;
            Some(Fault::Before)
        }
        _ => None,
    }
}

/// A challenge with the recorded calls of its clients.
struct Watched {
    challenges: Challenges,
    id: ChallengeId,
    code: String,
    seed: u64,
    particulars: AtomicU32,
    seen: Recorder<Call, Return>,
}

impl Watched {
    async fn new(host: &Host, seed: u64, round: usize) -> Verdict<Self> {
        let (id, code) = host.create_as(&format!("user{round}"), spec(FIRST, false)?).await?;
        Ok(Self {
            challenges: host.challenges.clone(),
            id,
            code,
            seed: seed.wrapping_add(round as u64),
            particulars: AtomicU32::new(FIRST + 1),
            seen: Recorder::default(),
        })
    }

    /// Runs the calls of several clients concurrently.
    async fn run(self: &Arc<Self>, fixture: &Fixture<'_>, tasks: usize) -> Verdict {
        let clients = tasks.clamp(2, MOST_CLIENTS);
        let client = |number| -> BoxFuture<'static, Verdict> {
            let watched = Arc::clone(self);
            Box::pin(async move {
                let mut random = StdRng::seed_from_u64(watched.seed.wrapping_mul(16).wrapping_add(number));
                for _ in 0..(CALLS / clients).min(16) {
                    let call = watched.draw(&mut random);
                    watched.call(call).await?;
                }
                Ok(())
            })
        };
        fixture.race((0..clients as u64).map(client).collect()).await.map(drop)
    }

    fn draw(&self, random: &mut StdRng) -> Call {
        match random.random_range(0..32_u32) {
            0..=9 => Call::Read,
            10..=21 => Call::Wrong(random.random_range(0..3)),
            22..=26 => {
                let particulars = self.particulars.fetch_add(1, Ordering::SeqCst) + 1;
                Call::Replace { particulars, issue: random.random() }
            }
            27..=28 => Call::Right { allowed: true },
            29..=30 => Call::Right { allowed: false },
            _ => Call::Delete,
        }
    }

    async fn call(&self, call: Call) -> Verdict {
        let mut failed = None;
        let run = async {
            match self.perform(call).await {
                Ok(result) => Ended::Returned(result),
                Err(Error::NotFound) => Ended::Returned(Return::NotFound),
                Err(Error::AnswerRefused) => Ended::Returned(Return::Refused),
                Err(Error::Store(StoreError::OutcomeUnknown(_))) => Ended::Unknown,
                Err(Error::Store(StoreError::Unavailable(_)) | Error::Contended) => Ended::WithoutEffect,
                Err(error) => {
                    failed = Some(error);
                    Ended::Unknown
                }
            }
        };
        self.seen.record(call, run).await;
        failed.map_or(Ok(()), |error| Err(error.into()))
    }

    async fn perform(&self, call: Call) -> Result<Return, Error> {
        let (id, kind) = (self.id, ChallengeType::Code);
        Ok(match call {
            Call::Read => stands(&self.challenges.get(id).await?),
            Call::Replace { particulars, issue } => {
                stands(&self.challenges.replace(id, spec(particulars, issue)?).await?)
            }
            Call::Right { allowed: true } => {
                returned(&self.challenges.answer(Answer::allow(id, kind, self.code.as_str())).await?)
            }
            Call::Right { allowed: false } => {
                returned(&self.challenges.answer(Answer::decline(id, kind, self.code.as_str())).await?)
            }
            Call::Wrong(number) => {
                returned(&self.challenges.answer(Answer::allow(id, kind, format!("wrong {number}"))).await?)
            }
            Call::Delete => {
                self.challenges.delete(id).await?;
                Return::Deleted
            }
        })
    }

    fn explained(&self) -> Verdict {
        Ok(check(&self.seen.take(), OneChallenge::pending(FIRST, LIMIT))?)
    }
}

/// Returns particulars that carry the number in the timeout, which any caller may read, and in the answer data.
fn spec(particulars: u32, issue: bool) -> Result<ChallengeSpec, Error> {
    let timeout = Timeout::from_seconds(particulars.into())?;
    let data = AnswerData::new(&BTreeMap::from([(DATA, particulars)]))?;
    let mut spec = ChallengeSpec::new(ChallengeType::Code)?.with_timeout(timeout).with_answer_data(data);
    spec.send_now = issue;
    Ok(spec)
}

fn stands(challenge: &Challenge) -> Return {
    let particulars = challenge.timeout().as_seconds();
    Return::Stands { state: challenge.state(), particulars, wrong: challenge.wrong_answers() }
}

fn returned(answered: &Decision) -> Return {
    let Decision::Passed(passed) = answered else { return Return::Declined };
    let data = passed.answer_data().and_then(|data| data.parse::<BTreeMap<String, u32>>().ok());
    // No particulars have the number 0, so missing or damaged data fails the check.
    Return::Passed { particulars: data.and_then(|data| data.get(DATA).copied()).unwrap_or_default() }
}
