//! Runs any sequence of challenge operations, and compares the service with a model of the contract's state diagram.
#![no_main]

use std::sync::Arc;
use std::time::Duration;

use challenges_core::time::Clock;
use challenges_core::{
    Answer, ChallengeId, ChallengeSpec, ChallengeType, Challenges, Decision, KeyRing, Owner, Policy, State, Timeout,
    Timestamp,
};
use challenges_memory::MemoryStore;
use challenges_testkit::{FakeClock, SeededEntropy};
use futures::executor::block_on;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const MAX_WRONG: u32 = 3;

#[derive(Arbitrary, Debug)]
enum Step {
    Create { send_now: bool, timeout: u8 },
    Send { which: u8 },
    Right { which: u8, allow: bool },
    Wrong { which: u8, guess: u8 },
    Delete { which: u8 },
    Wait { seconds: u8 },
    Restart,
}

/// The expected state of a challenge.
struct Model {
    id: ChallengeId,
    code: String,
    timeout: Timeout,
    ends: Timestamp,
    state: Option<State>,
    wrong: u32,
    last_wrong: Option<u8>,
}

impl Model {
    fn state_at(&self, now: Timestamp) -> Option<State> {
        match self.state {
            Some(State::Pending | State::Issued) if now >= self.ends => Some(State::TimedOut),
            state => state,
        }
    }

    fn takes_answers(&self, now: Timestamp) -> bool {
        self.state_at(now) == Some(State::Issued) && self.wrong < MAX_WRONG
    }
}

struct Host {
    store: Arc<MemoryStore>,
    clock: FakeClock,
    starts: u64,
    challenges: Challenges,
    models: Vec<Model>,
}

impl Host {
    async fn new() -> Self {
        let (store, clock) = (Arc::new(MemoryStore::new()), FakeClock::at(Timestamp::from_seconds(1_700_000_000)));
        let challenges = service(&store, &clock, 0).await;
        Self { store, clock, starts: 0, challenges, models: Vec::new() }
    }

    async fn take(&mut self, step: &Step) {
        let now = self.clock.now();
        let count = self.models.len();
        let index = |which: u8| usize::from(which).checked_rem(count);
        match *step {
            Step::Create { send_now, timeout } => self.create(send_now, timeout).await,
            Step::Wait { seconds } => drop(self.clock.advance(Duration::from_secs(seconds.into()))),
            Step::Restart => {
                self.starts += 1;
                self.challenges = service(&self.store, &self.clock, self.starts).await;
            }
            Step::Send { which } => {
                let Some(model) = index(which).and_then(|index| self.models.get_mut(index)) else { return };
                let sent = self.challenges.replace(model.id, spec(model.timeout)).await;
                assert_eq!(sent.is_ok(), model.state.is_some());
                if model.state_at(now) == Some(State::Pending) {
                    model.state = Some(State::Issued);
                }
            }
            Step::Right { which, allow } => {
                let Some(model) = index(which).and_then(|index| self.models.get_mut(index)) else { return };
                let (id, code) = (model.id, model.code.as_str());
                let answer = match allow {
                    true => Answer::allow(id, ChallengeType::Code, code),
                    false => Answer::decline(id, ChallengeType::Code, code),
                };
                let answered = self.challenges.answer(answer).await;
                let state = match answered {
                    Ok(Decision::Passed(_)) => Some(State::ChallengePassed),
                    Ok(Decision::Declined(_)) => Some(State::ChallengeDeclined),
                    Err(_) => None,
                };
                let right = if allow { State::ChallengePassed } else { State::ChallengeDeclined };
                assert_eq!(state, model.takes_answers(now).then_some(right), "{step:?}");
                model.state = state.or(model.state);
            }
            Step::Wrong { which, guess } => {
                let Some(model) = index(which).and_then(|index| self.models.get_mut(index)) else { return };
                let answer = Answer::allow(model.id, ChallengeType::Code, format!("wrong{guess}"));
                assert!(self.challenges.answer(answer).await.is_err());
                if model.takes_answers(now) && model.last_wrong.replace(guess) != Some(guess) {
                    model.wrong += 1;
                }
            }
            Step::Delete { which } => {
                let Some(model) = index(which).and_then(|index| self.models.get_mut(index)) else { return };
                let deleted = self.challenges.delete(model.id).await;
                assert_eq!(deleted.is_ok(), model.state.take().is_some());
            }
        }
    }

    async fn create(&mut self, send_now: bool, timeout: u8) {
        let timeout = Timeout::from_seconds(u64::from(timeout).max(1)).expect("seconds of a timeout");
        let spec = if send_now { spec(timeout) } else { spec(timeout).pending() };
        let owner = Owner::user("alice").expect("a name");
        let created = self.challenges.create(owner, spec).await.expect("a challenge");
        self.models.push(Model {
            id: created.challenge.id(),
            code: created.code.expect("a code").expose().to_owned(),
            timeout,
            ends: self.clock.now().after(timeout.as_duration()),
            state: Some(if send_now { State::Issued } else { State::Pending }),
            wrong: 0,
            last_wrong: None,
        });
    }

    async fn compare(&self) {
        let now = self.clock.now();
        for model in &self.models {
            let stored = self.challenges.get(model.id).await.ok();
            assert_eq!(stored.as_ref().map(|stored| stored.state_at(now)), model.state_at(now));
            assert!(stored.is_none_or(|stored| stored.wrong_answers() == model.wrong));
        }
    }
}

fn spec(timeout: Timeout) -> ChallengeSpec {
    ChallengeSpec::new(ChallengeType::Code).expect("a type").with_timeout(timeout)
}

async fn service(store: &Arc<MemoryStore>, clock: &FakeClock, start: u64) -> Challenges {
    let keys: KeyRing = KEYS.parse().expect("keys");
    let mut policy = Policy::default();
    policy.secrets_per_challenge = MAX_WRONG;
    let builder = Challenges::builder(Arc::clone(store), keys).policy(policy).clock(clock.clone());
    builder.entropy(SeededEntropy::new(start)).build().await.expect("a service")
}

fuzz_target!(|steps: Vec<Step>| {
    block_on(async {
        let mut host = Host::new().await;
        for step in steps.iter().take(64) {
            host.take(step).await;
        }
        host.compare().await;
    });
});
