//! Observations: the events of the service, their labels and their audit form.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use challenges_core::approvals::OneTimeUseAction;
use challenges_core::endpoints::Address;
use challenges_core::outbox::Retry;
use challenges_core::store::{Key, Kind};
use challenges_core::{
    Answer, ChallengeId, ChallengeSpec, ChallengeType, Challenges, Factor, Observation, Observer, Owner, Policy,
    Purpose, Secret, Timeout, Timestamp,
};
use challenges_memory::MemoryStore;
use challenges_testkit::{Authenticator, FakeClock, Fault, Flaky, administrator};
use serde_json::{Value, json};

use crate::courier::{Scripted, Step, actor, decided};
use crate::harness::{START, owner, refused, service};

const TOTP: ChallengeType = ChallengeType::Totp;
const SMS: ChallengeType = ChallengeType::Sms;

/// Records the labels of observations: event, kind, reason, and `!` for a warning.
#[derive(Clone, Debug, Default)]
struct Words(Arc<Mutex<Vec<String>>>);

impl Words {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Observer for Words {
    fn observe(&self, observation: &Observation<'_>) {
        check_audit_form(observation);
        if matches!(observation, Observation::AdministratorActed { .. }) {
            // Comes with each change that a test prepares; see the tests of grants.
            return;
        }
        let labels = observation.labels();
        let words = [labels.event, labels.kind, labels.reason, if labels.warning { "!" } else { "" }];
        self.0.lock().unwrap().push(words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "));
    }
}

/// Checks that the serialized form of an event agrees with its labels, owner and challenge.
fn check_audit_form(observation: &Observation<'_>) {
    let Value::Object(form) = serde_json::to_value(observation).unwrap() else { panic!("no map: {observation:?}") };
    let text = |name: &str| form.get(name).map(|value| value.as_str().unwrap());
    let labels = observation.labels();
    let unless_empty = |text| Some(text).filter(|text: &&str| !text.is_empty());
    assert_eq!(text("event"), Some(labels.event));
    assert_eq!(text("kind"), unless_empty(labels.kind));
    assert_eq!(text("reason"), unless_empty(labels.reason));
    assert_eq!(observation.reason(), labels.reason);
    assert_eq!(form.get("warning"), labels.warning.then_some(&Value::Bool(true)));
    assert_eq!(text("user"), observation.owner().map(|owner| owner.user_id()));
    assert_eq!(text("tenant"), observation.owner().map(|owner| owner.tenant()).and_then(unless_empty));
    assert_eq!(text("challenge").map(str::to_owned), observation.challenge().map(|id| id.prefix()));
}

struct Host {
    challenges: Challenges,
    store: Flaky<MemoryStore>,
    clock: FakeClock,
    words: Words,
}

async fn host(policy: Policy) -> Host {
    let store = Flaky::sharing(Arc::new(MemoryStore::new()));
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let words = Words::default();
    let challenges = service(store.clone(), policy, clock.clone(), words.clone()).await;
    Host { challenges, store, clock, words }
}

impl Host {
    async fn enroll(&self) -> Authenticator {
        let (enrollment, key) = self.challenges.totp().create(owner("alice"), &administrator()).await.unwrap();
        let app = Authenticator::new(key.to_base32().expose()).unwrap();
        let code = Secret::from(app.code(self.challenges.now()));
        self.challenges.totp().confirm(&owner("alice"), &administrator(), enrollment.id(), &code).await.unwrap();
        app
    }

    async fn create(&self, kind: ChallengeType) -> ChallengeId {
        let spec = ChallengeSpec::new(kind).unwrap();
        self.challenges.create(owner("alice"), spec).await.unwrap().challenge.id()
    }

    async fn answer_wrong(&self, id: ChallengeId, app: &Authenticator, guess: u32) {
        let wrong = app.wrong_code(self.challenges.now(), guess);
        assert!(refused(self.challenges.answer(Answer::allow(id, TOTP, wrong)).await));
    }

    async fn register_phone_of(&self, user: &str, number: &str) {
        let address = Address::Phone(number.parse().unwrap());
        self.challenges.endpoints().register_confirmed(owner(user), &administrator(), address).await.unwrap();
        self.words.take();
    }
}

/// Records observations as text: the `Debug` form and the audit form.
#[derive(Clone, Debug, Default)]
struct Printed(Arc<Mutex<String>>);

impl Observer for Printed {
    fn observe(&self, observation: &Observation<'_>) {
        let audit = serde_json::to_string(observation).unwrap();
        self.0.lock().unwrap().push_str(&format!("{observation:?}\n{audit}\n"));
    }
}

/// R26: a caller with the id of a challenge may answer and delete the challenge, so logs show the prefix only.
#[tokio::test]
async fn debug_output_hides_challenge_ids() {
    let printed = Printed::default();
    let (store, clock) = (Arc::new(MemoryStore::new()), FakeClock::at(Timestamp::from_seconds(START)));
    let challenges = service(store, Policy::default(), clock, printed.clone()).await;
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    let created = challenges.create(owner("alice"), spec).await.unwrap();
    let id = created.challenge.id();
    let answer = || Answer::allow(id, TOTP, "000000");
    assert!(refused(challenges.answer(answer()).await));
    challenges.delete(id).await.unwrap();
    assert!(challenges.answer(answer()).await.is_err());
    let key = Key::new(Kind::Challenge, id.to_string().parse().unwrap());
    let observed = printed.0.lock().unwrap().clone();
    assert_eq!(observed.matches(&id.prefix()).count(), 8, "control: each of four events names the challenge twice");
    let printed = format!("{observed}{created:?}{:?}{id:?}{key:?}", answer());
    assert!(!printed.contains(&id.to_string()), "{printed}");
    assert_eq!(printed.matches(&id.prefix()).count(), 11, "control: the answer, id and key name the challenge");
}

/// R7: each lock is observed once, with the answer that causes the lock.
#[tokio::test]
async fn locks_are_observed_when_they_begin() {
    let mut policy = Policy::default();
    policy.failures_before_disabled = 7;
    let host = host(policy).await;
    let app = host.enroll().await;
    host.clock.advance(Duration::from_secs(30));
    let first = host.create(TOTP).await;
    for guess in 0..4 {
        host.answer_wrong(first, &app, guess).await;
    }
    host.words.take();
    host.answer_wrong(first, &app, 4).await;
    assert_eq!(host.words.take(), ["challenge_moved totp wrong", "challenge_exhausted totp !"]);
    let second = host.create(TOTP).await;
    host.words.take();
    host.answer_wrong(second, &app, 5).await;
    assert_eq!(host.words.take(), ["challenge_moved totp wrong", "factor_delayed totp !"]);
    host.answer_wrong(second, &app, 6).await;
    assert_eq!(host.words.take(), ["answer_refused delayed"]);
    host.clock.advance(Duration::from_secs(600));
    let third = host.create(TOTP).await;
    host.words.take();
    host.answer_wrong(third, &app, 7).await;
    assert_eq!(host.words.take(), ["challenge_moved totp wrong", "factor_disabled totp !"]);
    host.challenges.account(&owner("alice")).reset_factor(&administrator(), Factor::Totp).await.unwrap();
    assert_eq!(host.words.take(), ["factor_reset totp"]);
}

/// R43: store failures and missing records are told apart.
#[tokio::test]
async fn undecided_answers_are_observed() {
    let host = host(Policy::default()).await;
    let id = host.create(ChallengeType::Code).await;
    host.words.take();
    let answer = || host.challenges.answer(Answer::allow(id, ChallengeType::Code, "wrong"));
    host.store.fail_next(Fault::Before);
    assert!(!refused(answer().await));
    assert_eq!(host.words.take(), ["answer_undecided store !"]);
    assert!(refused(answer().await));
    assert_eq!(host.words.take(), ["challenge_moved code wrong"], "control: a sound store decides");
    host.challenges.delete(id).await.unwrap();
    host.words.take();
    assert!(!refused(answer().await));
    assert!(!refused(host.challenges.answer(Answer::of_unknown_type(id)).await));
    assert_eq!(host.words.take(), ["answer_undecided not_found", "answer_undecided not_found"]);

    let (enrollment, _) = host.challenges.totp().create(owner("alice"), &administrator()).await.unwrap();
    host.words.take();
    let code = Secret::from("000000");
    assert!(host.challenges.totp().confirm(&owner("bob"), &administrator(), enrollment.id(), &code).await.is_err());
    assert_eq!(host.words.take(), ["enrollment_answer_undecided not_found"]);
    let number = "+4915112345678".parse().unwrap();
    let endpoint = host.challenges.endpoints().register_phone(owner("alice"), &administrator(), number).await.unwrap();
    assert_eq!(host.words.take(), ["endpoint_registered sms", "endpoint_code_sent sms"]);
    assert!(host.challenges.endpoints().confirm(&owner("bob"), &administrator(), endpoint.id(), &code).await.is_err());
    assert_eq!(host.words.take(), ["endpoint_answer_undecided not_found"]);
}

/// R20: each limit is observed under a word of its own.
#[tokio::test]
async fn messages_held_back_are_observed() {
    let mut policy = Policy::default();
    (policy.sends.per_destination, policy.sends.in_total) = (1, 2);
    policy.sends.cool_down = Duration::from_secs(30);
    let host = host(policy).await;
    let courier = Scripted::new(&host.clock, []);
    host.register_phone_of("alice", "+4915112345678").await;
    let id = host.create(SMS).await;
    assert_eq!(host.words.take(), ["challenge_created sms issued"]);
    assert!(host.challenges.resend(id).await.is_err());
    assert_eq!(host.words.take(), ["send_limited user"]);
    let spec = ChallengeSpec::new([SMS, ChallengeType::Code]).unwrap();
    let _ = host.challenges.create(owner("alice"), spec).await.unwrap();
    let without_message = ["challenge_created several issued", "send_limited user"];
    assert_eq!(host.words.take(), without_message);
    assert!(host.challenges.create(owner("alice"), ChallengeSpec::new(SMS).unwrap()).await.is_err());
    assert_eq!(host.words.take(), ["send_limited user"]);

    host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    assert_eq!(host.words.take(), ["outbox_performed", "challenge_moved sms delivered"]);
    host.clock.advance(Duration::from_secs(30));
    host.create(SMS).await;
    host.words.take();
    host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    // The limit allows the next message in a day, and the challenge expires before.
    assert_eq!(host.words.take(), ["send_limited destination", "outbox_dead_lettered !", "challenge_moved sms failed"]);
    for (user, number) in [("bob", "+4915112345679"), ("carol", "+4915112345670")] {
        host.register_phone_of(user, number).await;
        let _ = host.challenges.create(owner(user), ChallengeSpec::new(SMS).unwrap()).await.unwrap();
    }
    host.words.take();
    host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    assert!(host.words.take().contains(&"send_limited total !".to_owned()));
}

/// R43, R58, R65: an enrollment that gives way and a challenge over the cap are observed.
#[tokio::test]
async fn caps_are_observed() {
    let mut policy = Policy::default();
    (policy.enrollments, policy.open_challenges) = (1, 1);
    let host = host(policy).await;
    for expected in [&["enrollment_created totp"][..], &["enrollment_deleted totp", "enrollment_created totp"]] {
        let _ = host.challenges.totp().create(owner("alice"), &administrator()).await.unwrap();
        assert_eq!(host.words.take(), expected);
    }
    host.create(ChallengeType::Code).await;
    host.words.take();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    assert!(host.challenges.create(owner("alice"), spec).await.is_err());
    assert_eq!(host.words.take(), ["challenges_capped !"]);
    let action = OneTimeUseAction::new(vec![actor("alice")], Timeout::from_seconds(600).unwrap());
    assert!(host.challenges.actions().create(owner("alice"), action).await.is_err());
    assert_eq!(host.words.take(), ["challenges_capped !"]);
}

#[tokio::test]
async fn dead_letter_decisions_are_observed() {
    let host = host(Policy::default()).await;
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never), Step::Fail(Retry::Never)]);
    decided(&host.challenges, 1, true).await;
    host.words.take();
    host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    let key = courier.attempts()[0].0;
    host.challenges.outbox().retry(key).await.unwrap();
    host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    host.challenges.outbox().discard(key).await.unwrap();
    assert_eq!(
        host.words.take(),
        ["outbox_dead_lettered !", "dead_letter_retried", "outbox_dead_lettered !", "dead_letter_discarded"]
    );
    assert!(host.challenges.outbox().discard(key).await.is_err());
    assert!(host.words.take().is_empty(), "a failed call is not observed");
}

#[tokio::test]
async fn endpoint_changes_are_observed() {
    let host = host(Policy::default()).await;
    let address = Address::Phone("+4915112345678".parse().unwrap());
    let endpoint =
        host.challenges.endpoints().register_confirmed(owner("alice"), &administrator(), address).await.unwrap();
    for enabled in [false, true] {
        host.challenges
            .endpoints()
            .set_enabled(&owner("alice"), &administrator(), endpoint.id(), enabled)
            .await
            .unwrap();
    }
    host.challenges.endpoints().delete(&owner("alice"), &administrator(), endpoint.id()).await.unwrap();
    assert_eq!(
        host.words.take(),
        [
            "endpoint_registered sms",
            "endpoint_switched sms disabled",
            "endpoint_switched sms enabled",
            "endpoint_deleted",
        ]
    );
}

#[tokio::test]
async fn used_tokens_and_maintenance_are_observed() {
    let host = host(Policy::default()).await;
    let purpose = Purpose::new("transfer").unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_purpose(purpose.clone());
    let created = host.challenges.create(owner("alice"), spec).await.unwrap();
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, created.code.unwrap().expose());
    let passed = host.challenges.answer(answer).await.unwrap().passed().unwrap();
    let token = host.challenges.step_up().grant(&passed).unwrap();
    host.words.take();
    let age = Duration::from_secs(60);
    for _ in 0..2 {
        let _ = host.challenges.step_up().verify_once(&token, &owner("alice"), &purpose, age).await;
    }
    assert_eq!(host.words.take(), ["step_up_used code", "step_up_refused used"]);
    host.clock.advance(Duration::from_secs(30 * 86_400));
    assert!(host.challenges.sweep(100).await.unwrap() > 0);
    assert_eq!(host.words.take(), ["swept"]);
    host.challenges.reseal(None, 500).await.unwrap();
    assert_eq!(host.words.take(), ["resealed done"]);
}

#[tokio::test]
async fn one_time_use_actions_have_their_own_label() {
    let host = host(Policy::default()).await;
    let action = OneTimeUseAction::new(vec![actor("alice")], Timeout::from_seconds(600).unwrap());
    let created = host.challenges.actions().create(owner("alice"), action).await.unwrap();
    let id = created.challenge.id();
    let approve = Answer::approve_action(id, created.links[0].approve.expose());
    assert!(host.challenges.answer(approve).await.is_ok());
    assert!(refused(host.challenges.answer(Answer::decline_action(id, "wrong")).await));
    assert_eq!(
        host.words.take(),
        [
            "challenge_created one_time_use_action issued",
            "challenge_moved one_time_use_action passed",
            "answer_refused final"
        ]
    );
}

/// Records the audit forms of observations.
#[derive(Clone, Debug, Default)]
struct Audit(Arc<Mutex<Vec<Value>>>);

impl Observer for Audit {
    fn observe(&self, observation: &Observation<'_>) {
        self.0.lock().unwrap().push(serde_json::to_value(observation).unwrap());
    }
}

/// R43: one line of an audit log per event, without secrets.
#[tokio::test]
async fn audit_log_tells_the_history_of_a_challenge() {
    let audit = Audit::default();
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let challenges = service(MemoryStore::new(), Policy::default(), clock, audit.clone()).await;
    let alice = Owner::in_tenant("acme", "alice").unwrap();
    let purpose = Purpose::new("transfer").unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_purpose(purpose);
    let created = challenges.create(alice.clone(), spec).await.unwrap();
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    let code_answer = |text: &str| Answer::allow(id, ChallengeType::Code, text);
    assert!(refused(challenges.answer(code_answer("wrong")).await));
    assert!(refused(challenges.answer(code_answer(code.expose()).by_user("bob")).await));
    let passed = challenges.answer(code_answer(code.expose())).await.unwrap().passed().unwrap();
    let token = challenges.step_up().grant(&passed).unwrap();
    let (other, age) = (Purpose::new("view").unwrap(), Duration::from_secs(60));
    assert!(challenges.step_up().verify(&token, &alice, &other, age).is_err());

    let prefix = id.prefix();
    let event = |mut event: Value| {
        event["tenant"] = "acme".into();
        event["user"] = "alice".into();
        event
    };
    let log = std::mem::take(&mut *audit.0.lock().unwrap());
    assert_eq!(
        log,
        [
            event(json!({ "event": "challenge_created", "kind": "code", "reason": "issued", "challenge": prefix })),
            event(json!({ "event": "challenge_moved", "kind": "code", "reason": "wrong", "challenge": prefix })),
            event(json!({ "event": "answer_refused", "reason": "other_user", "challenge": prefix })),
            event(json!({ "event": "challenge_moved", "kind": "code", "reason": "passed", "challenge": prefix })),
            event(json!({ "event": "step_up_granted", "kind": "code", "challenge": prefix })),
            event(json!({ "event": "step_up_refused", "reason": "other_purpose", "detail": "for view" })),
        ]
    );
    let text = serde_json::to_string(&log).unwrap();
    let secrets = [id.to_string(), code.expose().to_owned(), token.expose().to_owned()];
    assert!(secrets.iter().all(|secret| !text.contains(secret)), "{text}");
}

#[tokio::test]
async fn composed_observers_each_receive_an_event_once() {
    let all: Vec<Words> = (0..6).map(|_| Words::default()).collect();
    let [a, b, c, d, e, f] = &all[..] else { panic!("six observers") };
    let several: Vec<Box<dyn Observer>> = vec![Box::new(a.clone()), Box::new(b.clone())];
    let observer = (several, (Some(c.clone()), None::<Words>), (d.clone(), Arc::new(e.clone()), f.clone()));
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let challenges = service(MemoryStore::new(), Policy::default(), clock, observer).await;
    challenges.sweep(1).await.unwrap();
    let received: BTreeSet<_> = all.iter().map(Words::take).collect();
    assert_eq!(received, BTreeSet::from([vec!["swept".to_owned()]]));
}
