//! That what is worth knowing is told, under words that stay the same.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use challenges_core::{
    Address, Answer, ChallengeSpec, ChallengeType, Challenges, Observation, Observer, Policy, Purpose, Retry, Secret,
    Types,
};
use challenges_memory::MemoryStore;
use challenges_testkit::{Authenticator, FakeClock, Fault, Flaky};

use crate::courier::{Scripted, Step, decided};
use crate::harness::{START, owner, refused, service};

const TOTP: ChallengeType = ChallengeType::Totp;
const SMS: ChallengeType = ChallengeType::Sms;

/// Notes the labels of observations: event, kind, reason, and `!` where it is a warning.
#[derive(Clone, Debug, Default)]
struct Words(Arc<Mutex<Vec<String>>>);

impl Words {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Observer for Words {
    fn observe(&self, observation: &Observation<'_>) {
        let labels = observation.labels();
        let words = [labels.event, labels.kind, labels.reason, if labels.warning { "!" } else { "" }];
        self.0.lock().unwrap().push(words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "));
    }
}

struct Host {
    challenges: Challenges,
    store: Flaky<MemoryStore>,
    clock: FakeClock,
    words: Words,
}

async fn host(policy: Policy) -> Host {
    let store = Flaky::sharing(Arc::new(MemoryStore::new()));
    let clock = FakeClock::at(challenges_core::Timestamp::from_seconds(START));
    let words = Words::default();
    let challenges = service(store.clone(), policy, clock.clone(), words.clone()).await;
    Host { challenges, store, clock, words }
}

impl Host {
    async fn totp(&self) -> Authenticator {
        let created = self.challenges.create_totp_enrollment(owner("alice")).await.unwrap();
        let app = Authenticator::new(created.key.to_base32().expose()).unwrap();
        let code = Secret::from(app.code(self.challenges.now()));
        self.challenges.confirm_totp_enrollment(&owner("alice"), created.enrollment.id(), &code).await.unwrap();
        app
    }

    async fn create(&self, kind: ChallengeType) -> challenges_core::ChallengeId {
        let spec = ChallengeSpec::new(kind).unwrap();
        self.challenges.create_challenge(owner("alice"), spec).await.unwrap().challenge.id()
    }

    async fn wrong(&self, id: challenges_core::ChallengeId, app: &Authenticator, guess: u64) {
        let wrong = app.wrong_code(self.challenges.now(), guess.try_into().unwrap());
        assert!(refused(self.challenges.answer(Answer::allow(id, TOTP, wrong)).await));
    }
}

/// Notes observations as a host that prints them does.
#[derive(Clone, Debug, Default)]
struct Printed(Arc<Mutex<String>>);

impl Observer for Printed {
    fn observe(&self, observation: &Observation<'_>) {
        self.0.lock().unwrap().push_str(&format!("{observation:?}\n"));
    }
}

/// R26: whoever knows a challenge's id may answer and delete it, so it is not in what is printed for a look.
#[tokio::test]
async fn what_is_printed_for_a_look_holds_no_capability() {
    let printed = Printed::default();
    let (store, clock) = (Arc::new(MemoryStore::new()), FakeClock::at(challenges_core::Timestamp::from_seconds(START)));
    let challenges = service(store, Policy::default(), clock, printed.clone()).await;
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    let created = challenges.create_challenge(owner("alice"), spec).await.unwrap();
    let id = created.challenge.id();
    let answer = || Answer::allow(id, TOTP, "000000");
    assert!(refused(challenges.answer(answer()).await));
    challenges.delete_challenge(id).await.unwrap();
    assert!(challenges.answer(answer()).await.is_err());
    let key =
        challenges_core::store::Key::new(challenges_core::store::Kind::Challenge, id.to_string().parse().unwrap());
    let printed = format!("{}{created:?}{:?}{id:?}{key:?}", printed.0.lock().unwrap(), answer());
    assert!(!printed.contains(&id.to_string()), "{printed}");
    assert!(printed.matches(&id.prefix()).count() >= 5, "the control: it was printed, and can be told from others");
}

/// R7: that a challenge takes no more answers, that a user has to wait, and that a factor is disabled, is told once each.
#[tokio::test]
async fn r7_locks_are_observed_when_they_begin() {
    let mut policy = Policy::default();
    policy.failures_before_disabled = 7;
    let host = host(policy).await;
    let app = host.totp().await;
    host.clock.advance(Duration::from_secs(30));
    let first = host.create(TOTP).await;
    for guess in 0..4 {
        host.wrong(first, &app, guess).await;
    }
    host.words.take();
    host.wrong(first, &app, 4).await;
    assert_eq!(host.words.take(), ["challenge_moved totp wrong", "challenge_exhausted totp !"]);
    let second = host.create(TOTP).await;
    host.words.take();
    host.wrong(second, &app, 5).await;
    assert_eq!(host.words.take(), ["challenge_moved totp wrong", "factor_delayed totp !"]);
    host.wrong(second, &app, 6).await;
    assert_eq!(host.words.take(), ["answer_refused delayed"]);
    host.clock.advance(Duration::from_secs(600));
    let third = host.create(TOTP).await;
    host.words.take();
    host.wrong(third, &app, 7).await;
    assert_eq!(host.words.take(), ["challenge_moved totp wrong", "factor_disabled totp !"]);
    host.challenges.reset_factor(&owner("alice"), challenges_core::Factor::Totp).await.unwrap();
    assert_eq!(host.words.take(), ["factor_reset totp"]);
}

#[tokio::test]
async fn r43_answers_that_could_not_be_decided_are_observed() {
    let host = host(Policy::default()).await;
    let id = host.create(ChallengeType::Code).await;
    host.words.take();
    let give = || host.challenges.answer(Answer::allow(id, ChallengeType::Code, "wrong"));
    host.store.fail_next(Fault::Before);
    assert!(!refused(give().await));
    assert_eq!(host.words.take(), ["answer_undecided store !"]);
    assert!(refused(give().await));
    assert_eq!(host.words.take(), ["challenge_moved code wrong"], "the control: a sound store decides");
    host.challenges.delete_challenge(id).await.unwrap();
    host.words.take();
    assert!(!refused(give().await));
    assert!(!refused(host.challenges.answer(Answer::of_unknown_type(id)).await));
    assert_eq!(host.words.take(), ["answer_undecided not_found", "answer_undecided not_found"]);

    let created = host.challenges.create_totp_enrollment(owner("alice")).await.unwrap();
    host.words.take();
    let code = Secret::from("000000");
    assert!(host.challenges.confirm_totp_enrollment(&owner("bob"), created.enrollment.id(), &code).await.is_err());
    assert_eq!(host.words.take(), ["enrollment_answer_undecided not_found"]);
    let number = "+4915112345678".parse().unwrap();
    let endpoint = host.challenges.register_phone(owner("alice"), number).await.unwrap();
    assert_eq!(host.words.take(), ["endpoint_registered sms", "endpoint_code_sent sms"]);
    assert!(host.challenges.confirm_endpoint(&owner("bob"), endpoint.id(), &code).await.is_err());
    assert_eq!(host.words.take(), ["endpoint_answer_undecided not_found"]);
}

/// R20: each limit says that it held a message back.
#[tokio::test]
async fn r20_a_message_that_a_limit_holds_back_is_observed() {
    let mut policy = Policy::default();
    (policy.sends.per_destination, policy.sends.in_total) = (1, 2);
    policy.sends.cool_down = Duration::from_secs(30);
    let host = host(policy).await;
    let courier = Scripted::new(&host.clock, []);
    let vouch = async |user: &str, number: &str| {
        let address = Address::Phone(number.parse().unwrap());
        host.challenges.register_vouched_endpoint(owner(user), address).await.unwrap();
        host.words.take();
    };
    vouch("alice", "+4915112345678").await;
    let id = host.create(SMS).await;
    assert_eq!(host.words.take(), ["challenge_created sms issued"]);
    assert!(host.challenges.resend(id).await.is_err());
    assert_eq!(host.words.take(), ["send_limited user"]);
    let spec = ChallengeSpec::new(Types::new(None, Some(vec![SMS, ChallengeType::Code])).unwrap()).unwrap();
    let _ = host.challenges.create_challenge(owner("alice"), spec).await.unwrap();
    assert_eq!(host.words.take(), ["challenge_created several issued", "send_limited user"], "it goes without");
    assert!(host.challenges.create_challenge(owner("alice"), ChallengeSpec::new(SMS).unwrap()).await.is_err());
    assert_eq!(host.words.take(), ["send_limited user"]);

    host.challenges.dispatch(&courier, 10).await.unwrap();
    assert_eq!(host.words.take(), ["outbox_performed", "challenge_moved sms delivered"]);
    host.clock.advance(Duration::from_secs(30));
    host.create(SMS).await;
    host.words.take();
    host.challenges.dispatch(&courier, 10).await.unwrap();
    // There is room again a day later, when this challenge is over.
    assert_eq!(host.words.take(), ["send_limited destination", "outbox_dead_lettered !", "challenge_moved sms failed"]);
    for (user, number) in [("bob", "+4915112345679"), ("carol", "+4915112345670")] {
        vouch(user, number).await;
        let _ = host.challenges.create_challenge(owner(user), ChallengeSpec::new(SMS).unwrap()).await.unwrap();
    }
    host.words.take();
    host.challenges.dispatch(&courier, 10).await.unwrap();
    assert!(host.words.take().contains(&"send_limited total !".to_owned()));
}

/// What operators and users do is told as well: dead letters, switched endpoints, used tokens, sweeps.
#[tokio::test]
async fn what_is_done_by_hand_is_observed() {
    let host = host(Policy::default()).await;
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never), Step::Fail(Retry::Never)]);
    decided(&host.challenges, 1, true).await;
    host.words.take();
    host.challenges.dispatch(&courier, 10).await.unwrap();
    let key = courier.attempts()[0].0;
    host.challenges.retry_dead_letter(key).await.unwrap();
    host.challenges.dispatch(&courier, 10).await.unwrap();
    host.challenges.discard_dead_letter(key).await.unwrap();
    assert_eq!(
        host.words.take(),
        ["outbox_dead_lettered !", "dead_letter_retried", "outbox_dead_lettered !", "dead_letter_discarded"]
    );
    assert!(host.challenges.discard_dead_letter(key).await.is_err());
    assert!(host.words.take().is_empty(), "what did not happen is not told");

    let address = Address::Phone("+4915112345678".parse().unwrap());
    let endpoint = host.challenges.register_vouched_endpoint(owner("alice"), address).await.unwrap();
    for enabled in [false, true] {
        host.challenges.set_endpoint_enabled(&owner("alice"), endpoint.id(), enabled).await.unwrap();
    }
    host.challenges.delete_endpoint(&owner("alice"), endpoint.id()).await.unwrap();
    assert_eq!(
        host.words.take(),
        [
            "endpoint_registered sms",
            "endpoint_switched sms disabled",
            "endpoint_switched sms enabled",
            "endpoint_deleted",
        ]
    );

    let purpose = Purpose::new("transfer").unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_purpose(purpose.clone());
    let created = host.challenges.create_challenge(owner("alice"), spec).await.unwrap();
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, created.code.unwrap().expose());
    let passed = host.challenges.answer(answer).await.unwrap().passed().unwrap();
    let token = host.challenges.step_up(&passed).unwrap();
    host.words.take();
    let age = Duration::from_secs(60);
    for _ in 0..2 {
        let _ = host.challenges.verify_step_up_once(&token, &owner("alice"), &purpose, age).await;
    }
    assert_eq!(host.words.take(), ["step_up_used code", "step_up_refused used"]);
    host.clock.advance(Duration::from_secs(30 * 86_400));
    assert!(host.challenges.sweep(100).await.unwrap() > 0);
    assert_eq!(host.words.take(), ["swept"]);
    host.challenges.reseal(None, 500).await.unwrap();
    assert_eq!(host.words.take(), ["resealed done"]);
}

/// Composed observers are told one after the other, and nobody twice.
#[tokio::test]
async fn composed_observers_are_each_told_once() {
    let all: Vec<Words> = (0..6).map(|_| Words::default()).collect();
    let [a, b, c, d, e, f] = &all[..] else { panic!("six") };
    let several: Vec<Box<dyn Observer>> = vec![Box::new(a.clone()), Box::new(b.clone())];
    let observer = (several, (Some(c.clone()), None::<Words>), (d.clone(), Arc::new(e.clone()), f.clone()));
    let clock = FakeClock::at(challenges_core::Timestamp::from_seconds(START));
    let challenges = service(MemoryStore::new(), Policy::default(), clock, observer).await;
    challenges.sweep(1).await.unwrap();
    let told: BTreeSet<_> = all.iter().map(Words::take).collect();
    assert_eq!(told, BTreeSet::from([vec!["swept".to_owned()]]));
}
