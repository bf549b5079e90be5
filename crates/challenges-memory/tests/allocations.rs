//! Heap allocations per challenge.
//!
//! The counts are deterministic, so each bound is the measured value. When a test fails, look for a new copy first; raise
//! the bound only with a reason.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::time::Duration;

use challenges_core::{
    Answer, AnswerData, ChallengeSpec, ChallengeType, Challenges, CreatedChallenge, KeyRing, Owner, Secret, Timestamp,
};
use challenges_memory::MemoryStore;
use challenges_testkit::{Authenticator, FakeClock, SeededEntropy, administrator};
use futures::executor::block_on;

struct Host {
    challenges: Challenges,
    clock: FakeClock,
}

impl Host {
    fn new() -> Self {
        let clock = FakeClock::at(Timestamp::from_seconds(1_000_000));
        let builder = Challenges::builder(MemoryStore::new(), KeyRing::generate().unwrap());
        let builder = builder.clock(clock.clone()).entropy(SeededEntropy::new(1));
        Self { challenges: block_on(builder.build()).unwrap(), clock }
    }

    fn enroll(&self) -> Authenticator {
        let (enrollment, key) = block_on(self.challenges.totp().create(alice(), &administrator())).unwrap();
        let app = Authenticator::new(key.to_base32().expose()).unwrap();
        let code = Secret::from(self.code_of(&app));
        block_on(self.challenges.totp().confirm(&alice(), &administrator(), enrollment.id(), &code)).unwrap();
        app
    }

    /// Advances to the next time step and returns its code.
    fn code_of(&self, app: &Authenticator) -> String {
        self.clock.advance(Duration::from_secs(30));
        app.code(self.challenges.now())
    }

    fn create(&self, kind: ChallengeType) -> CreatedChallenge {
        let data = AnswerData::new(&BTreeMap::from([("token", "0123456789abcdef0123456789abcdef")])).unwrap();
        let spec = ChallengeSpec::new(kind).unwrap().with_answer_data(data);
        block_on(self.challenges.create(alice(), spec)).unwrap()
    }

    fn pass(&self, created: &CreatedChallenge, kind: ChallengeType, answer: &str) {
        let answer = Answer::allow(created.challenge.id(), kind, answer);
        assert!(block_on(self.challenges.answer(answer)).unwrap().passed().is_some());
    }
}

fn alice() -> Owner {
    Owner::user("alice").unwrap()
}

/// Runs `work`, and returns its result and the number of allocations.
fn counted<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let mut answer = None;
    let counted = allocation_counter::measure(|| answer = Some(work()));
    (answer.unwrap(), counted.count_total)
}

#[test]
fn code_challenge_stays_within_allocation_bound() {
    let host = Host::new();
    let cycle = || {
        let (created, creating) = counted(|| host.create(ChallengeType::Code));
        let code = created.code.as_ref().unwrap().expose();
        let ((), answering) = counted(|| host.pass(&created, ChallengeType::Code, code));
        (creating, answering)
    };
    cycle();
    let (creating, answering) = cycle();
    assert!(creating <= 30 && answering <= 39, "creating takes {creating} allocations, answering {answering}");
}

#[test]
fn totp_challenge_stays_within_allocation_bound() {
    let host = Host::new();
    let app = host.enroll();
    let cycle = || {
        let code = host.code_of(&app);
        let (created, creating) = counted(|| host.create(ChallengeType::Totp));
        let ((), answering) = counted(|| host.pass(&created, ChallengeType::Totp, &code));
        (creating, answering)
    };
    cycle();
    let (creating, answering) = cycle();
    assert!(creating <= 34 && answering <= 49, "creating takes {creating} allocations, answering {answering}");
}

/// Control: the counter counts allocations and nothing else.
#[test]
fn control_counter_counts_only_allocations() {
    assert_eq!(counted(|| (Box::new(1), vec![0; 9], String::from("a"))).1, 3);
    assert_eq!(counted(|| (1, [0; 9], "a")).1, 0);
}
