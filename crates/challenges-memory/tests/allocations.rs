//! How often a challenge asks for memory on the heap. The counts are of one thread and repeat exactly, so a bound stands a
//! little above what is reached: who goes beyond it looks for the copy that came in, or moves the bound with a reason.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::time::Duration;

use challenges_core::{
    Answer, AnswerData, ChallengeSpec, ChallengeType, Challenges, CreatedChallenge, KeyRing, Owner, Secret, Timestamp,
};
use challenges_memory::MemoryStore;
use challenges_testkit::{Authenticator, FakeClock, SeededEntropy};
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
        let created = block_on(self.challenges.create_totp_enrollment(alice())).unwrap();
        let app = Authenticator::new(created.key.to_base32().expose()).unwrap();
        let code = Secret::from(self.code_of(&app));
        block_on(self.challenges.confirm_totp_enrollment(&alice(), created.enrollment.id(), &code)).unwrap();
        app
    }

    /// The code of the next time step.
    fn code_of(&self, app: &Authenticator) -> String {
        self.clock.advance(Duration::from_secs(30));
        app.code(self.challenges.now())
    }

    fn create(&self, kind: ChallengeType) -> CreatedChallenge {
        let data = AnswerData::new(&BTreeMap::from([("token", "0123456789abcdef0123456789abcdef")])).unwrap();
        let spec = ChallengeSpec::new(kind).unwrap().with_answer_data(data);
        block_on(self.challenges.create_challenge(alice(), spec)).unwrap()
    }

    fn pass(&self, created: &CreatedChallenge, kind: ChallengeType, answer: &str) {
        let answer = Answer::allow(created.challenge.id(), kind, answer);
        assert!(block_on(self.challenges.answer(answer)).unwrap().passed().is_some());
    }
}

fn alice() -> Owner {
    Owner::user("alice").unwrap()
}

/// What the work answers, and how often it asked for memory.
fn counted<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let mut answer = None;
    let counted = allocation_counter::measure(|| answer = Some(work()));
    (answer.unwrap(), counted.count_total)
}

#[test]
fn a_code_challenge_stays_within_its_allocations() {
    let host = Host::new();
    let cycle = || {
        let (created, creating) = counted(|| host.create(ChallengeType::Code));
        let code = created.code.as_ref().unwrap().expose();
        let ((), answering) = counted(|| host.pass(&created, ChallengeType::Code, code));
        (creating, answering)
    };
    cycle();
    let (creating, answering) = cycle();
    assert!(creating <= 18 && answering <= 22, "creating takes {creating} allocations, answering {answering}");
}

#[test]
fn a_totp_challenge_stays_within_its_allocations() {
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
    assert!(creating <= 20 && answering <= 30, "creating takes {creating} allocations, answering {answering}");
}

/// The control: what asks for memory is counted, and nothing else.
#[test]
fn control_allocations_are_counted() {
    assert_eq!(counted(|| (Box::new(1), vec![0; 9], String::from("a"))).1, 3);
    assert_eq!(counted(|| (1, [0; 9], "a")).1, 0);
}
