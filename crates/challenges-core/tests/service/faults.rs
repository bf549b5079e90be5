use std::sync::Arc;

use challenges_core::store::StoreError;
use challenges_core::{
    Actor, Address, Answer, Answered, ChallengeSpec, ChallengeType, Challenges, Error, HttpAction, HttpActionParts,
    KeyRing, OneTimeUseAction, Policy, State, Task, Timeout, Timestamp,
};
use challenges_memory::MemoryStore;
use challenges_testkit::{Authenticator, Counting, Counts, FakeClock, Fault, Flaky, Method, Yielding};

use futures::executor::block_on;

use crate::courier::Scripted;
use crate::harness::{START, owner, service};

const CODE: ChallengeType = ChallengeType::Code;

struct Faulty {
    challenges: Challenges,
    store: Flaky<MemoryStore>,
    sound: Challenges,
    clock: FakeClock,
}

/// A service whose store fails as planned, and another one on the same store that does not.
async fn faulty() -> Faulty {
    let memory = Arc::new(MemoryStore::new());
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let sound = service(memory.clone(), Policy::default(), clock.clone(), ()).await;
    let store = Flaky::sharing(memory);
    let challenges = service(store.clone(), Policy::default(), clock.clone(), ()).await;
    Faulty { challenges, store, sound, clock }
}

#[tokio::test]
async fn r9_a_fault_before_the_store_changes_nothing_and_charges_nobody() {
    for method in [Method::Load, Method::Commit] {
        for right in [true, false] {
            let host = faulty().await;
            let spec = ChallengeSpec::new(CODE).unwrap();
            let created = host.sound.create_challenge(owner("alice"), spec).await.unwrap();
            let (id, code) = (created.challenge.id(), created.code.unwrap());
            let answer = if right { code.expose() } else { "wrong" };
            host.store.fail_every(method, Fault::Before);
            let result = host.challenges.answer(Answer::allow(id, CODE, answer)).await;
            assert!(matches!(result, Err(Error::Store(StoreError::Unavailable(_)))), "{result:?}");
            let after = host.sound.challenge(id).await.unwrap();
            assert_eq!((after.state(), after.wrong_answers()), (State::Issued, 0));
            host.store.recover();
            let result = host.challenges.answer(Answer::allow(id, CODE, code.expose())).await;
            assert!(matches!(result, Ok(Answered::Passed(_))), "nothing was lost");
        }
    }
}

#[tokio::test]
async fn r9_a_lost_reply_is_resolved_by_our_own_version() {
    let host = faulty().await;
    let spec = ChallengeSpec::new(CODE).unwrap();
    let created = host.sound.create_challenge(owner("alice"), spec).await.unwrap();
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    host.store.fail_nth(1, Fault::After);
    let result = host.challenges.answer(Answer::allow(id, CODE, code.expose())).await;
    assert!(matches!(result, Ok(Answered::Passed(_))), "{result:?}");
    assert!(host.sound.answer(Answer::allow(id, CODE, code.expose())).await.is_err(), "passed once");
}

/// What was queued may be done and gone before its writer looks whether it was stored; the challenge tells.
#[tokio::test]
async fn r9_a_lost_reply_is_resolved_though_what_was_queued_is_done_already() {
    let host = faulty().await;
    let actor = Actor { user_id: "alice".to_owned(), org_id: String::new() };
    let mut action = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(600).unwrap());
    action.approved_actions = vec![HttpAction::new(HttpActionParts::new("POST", "https://a.example/")).unwrap()];
    let created = host.sound.create_one_time_use_action(owner("alice"), action).await.unwrap();
    let answer =
        Answer::allow(created.challenge.id(), ChallengeType::OneTimeUseAction, created.secrets[0].approve.expose());
    let (other, courier) = (host.sound.clone(), Scripted::new(&host.clock, []));
    let (performed, mut committed) = (courier.clone(), false);
    host.store.fail_when(move |call| {
        if committed {
            block_on(other.dispatch(&courier, 10)).unwrap();
            return None;
        }
        committed = call.method == Method::Commit;
        committed.then_some(Fault::After)
    });
    let result = host.challenges.answer(answer).await;
    assert!(matches!(result, Ok(Answered::Passed(_))), "{result:?}");
    assert_eq!(performed.done().len(), 1);
}

/// The first start on a store, whose reply is lost: what is stored counts.
#[tokio::test]
async fn a_first_start_goes_on_when_the_reply_to_its_root_is_lost() {
    for (fault, starts) in [(Fault::After, true), (Fault::Before, false)] {
        let store = Flaky::new(MemoryStore::new());
        store.fail_when(move |call| (call.method == Method::Commit).then_some(fault));
        let keys = KeyRing::generate().unwrap();
        assert_eq!(Challenges::builder(store, keys).build().await.is_ok(), starts, "{fault:?}");
    }
}

#[tokio::test]
async fn r9_an_unknown_outcome_is_never_success() {
    let host = faulty().await;
    let spec = ChallengeSpec::new(CODE).unwrap();
    let created = host.sound.create_challenge(owner("alice"), spec).await.unwrap();
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    let from = host.store.calls() + 1;
    host.store.fail_when(move |call| (call.index >= from).then_some(Fault::After));
    let result = host.challenges.answer(Answer::allow(id, CODE, code.expose())).await;
    assert!(matches!(result, Err(Error::Store(StoreError::OutcomeUnknown(_)))), "{result:?}");
    host.store.recover();
    assert_eq!(host.sound.challenge(id).await.unwrap().state(), State::ChallengePassed, "it had been applied");
    assert!(host.challenges.answer(Answer::allow(id, CODE, code.expose())).await.is_err(), "and does not pass again");
}

#[tokio::test]
async fn r6_a_counted_failure_survives_what_fails_afterwards_and_a_new_service() {
    let host = faulty().await;
    let created = host.sound.create_challenge(owner("alice"), ChallengeSpec::new(CODE).unwrap()).await.unwrap();
    let id = created.challenge.id();
    // The write is applied, but everything after it fails.
    let from = host.store.calls() + 1;
    host.store.fail_when(move |call| (call.index >= from).then_some(Fault::After));
    assert!(host.challenges.answer(Answer::allow(id, CODE, "wrong")).await.is_err());
    host.store.recover();
    let restarted = service(host.store.clone(), Policy::default(), host.clock.clone(), ()).await;
    assert_eq!(restarted.challenge(id).await.unwrap().wrong_answers(), 1);
}

#[tokio::test]
async fn r9_every_fault_at_every_call_of_a_totp_answer_leaves_a_sound_state() {
    for index in 0..4 {
        for fault in [Fault::Before, Fault::After] {
            let host = faulty().await;
            let enrollment = host.sound.create_totp_enrollment(owner("alice")).await.unwrap();
            let app = Authenticator::new(enrollment.key.to_base32().expose()).unwrap();
            let code = app.code(Timestamp::from_seconds(START)).into();
            let id = enrollment.enrollment.id();
            host.sound.confirm_totp_enrollment(&owner("alice"), id, &code).await.unwrap();
            host.clock.advance(std::time::Duration::from_secs(30));
            let spec = ChallengeSpec::new(ChallengeType::Totp).unwrap();
            let [first, second] = [
                host.sound.create_challenge(owner("alice"), spec).await.unwrap().challenge.id(),
                host.sound
                    .create_challenge(owner("alice"), ChallengeSpec::new(ChallengeType::Totp).unwrap())
                    .await
                    .unwrap()
                    .challenge
                    .id(),
            ];
            let code = app.code(Timestamp::from_seconds(START + 30));
            host.store.fail_nth(index, fault);
            let result = host.challenges.answer(Answer::allow(first, ChallengeType::Totp, code.as_str())).await;
            host.store.recover();
            let state = host.sound.challenge(first).await.unwrap().state();
            let again = host.sound.answer(Answer::allow(second, ChallengeType::Totp, code.as_str())).await;
            // Challenge and used step go together: either the code is used up and the first passed, or neither.
            assert_eq!(state == State::ChallengePassed, again.is_err(), "call {index}, {fault:?}");
            assert!(result.is_err() || state == State::ChallengePassed, "call {index}, {fault:?}: {result:?}");
        }
    }
}

#[tokio::test]
async fn each_operation_keeps_to_its_round_trips() {
    let store = Counting::new(MemoryStore::new());
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let challenges = service(store.clone(), Policy::default(), clock.clone(), ()).await;
    let enrollment = challenges.create_totp_enrollment(owner("alice")).await.unwrap();
    let app = Authenticator::new(enrollment.key.to_base32().expose()).unwrap();
    let code = app.code(Timestamp::from_seconds(START)).into();
    challenges.confirm_totp_enrollment(&owner("alice"), enrollment.enrollment.id(), &code).await.unwrap();
    clock.advance(std::time::Duration::from_secs(30));

    let mut before = store.counts();
    let mut calls = || {
        let now = store.counts();
        let spent = now - before;
        before = now;
        spent
    };
    let trips = |load, commit| Counts { load, commit, ..Counts::default() };
    let created = challenges.create_challenge(owner("alice"), ChallengeSpec::new(CODE).unwrap()).await.unwrap();
    assert_eq!(calls(), trips(0, 1), "create by code");
    let id = created.challenge.id();
    challenges.challenge(id).await.unwrap();
    assert_eq!(calls(), trips(1, 0), "get");
    assert!(challenges.answer(Answer::allow(id, CODE, "wrong")).await.is_err());
    assert_eq!(calls(), trips(1, 1), "a wrong answer");
    assert!(challenges.answer(Answer::allow(id, CODE, created.code.unwrap().expose())).await.is_ok());
    assert_eq!(calls(), trips(1, 1), "a right answer");
    let spec = ChallengeSpec::new(ChallengeType::Totp).unwrap();
    let id = challenges.create_challenge(owner("alice"), spec).await.unwrap().challenge.id();
    assert_eq!(calls(), trips(1, 1), "create by totp");
    let code = app.code(Timestamp::from_seconds(START + 30));
    assert!(challenges.answer(Answer::allow(id, ChallengeType::Totp, code)).await.is_ok());
    assert_eq!(calls(), trips(1, 1), "a right totp answer");

    let phone = Address::Phone("+4915112345678".parse().unwrap());
    challenges.register_vouched_endpoint(owner("alice"), phone).await.unwrap();
    calls();
    let spec = ChallengeSpec::new(ChallengeType::Sms).unwrap().with_number_match();
    let created = challenges.create_challenge(owner("alice"), spec).await.unwrap();
    assert_eq!(calls(), trips(1, 1), "create by sms");
    let entries = challenges.outbox(None, None, 10).await.unwrap();
    let [Ok(entry)] = &entries[..] else { panic!("one message") };
    let Task::Deliver(delivery) = &entry.task else { panic!("a message") };
    calls();
    let answer = || Answer::allow(created.challenge.id(), ChallengeType::Sms, delivery.secret.expose());
    assert!(challenges.answer(answer()).await.is_err());
    assert_eq!(calls(), trips(1, 1), "an answer by sms without its number");
    assert!(challenges.answer(answer().with_number(created.number.unwrap().expose())).await.is_ok());
    assert_eq!(calls(), trips(1, 1), "a right answer by sms");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r3_a_burst_of_wrong_answers_is_evaluated_to_the_limit_and_no_further() {
    let store = Counting::new(Yielding::new(MemoryStore::new()));
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let challenges = service(store.clone(), Policy::default(), clock, ()).await;
    let created = challenges.create_challenge(owner("alice"), ChallengeSpec::new(CODE).unwrap()).await.unwrap();
    let id = created.challenge.id();
    let mut tasks = tokio::task::JoinSet::new();
    for guess in 0..1_000 {
        let challenges = challenges.clone();
        tasks.spawn(async move { challenges.answer(Answer::allow(id, CODE, format!("wrong{guess}"))).await.is_ok() });
    }
    assert!(!tasks.join_all().await.contains(&true));
    let wrong = challenges.challenge(id).await.unwrap().wrong_answers();
    assert!(wrong <= 100, "{wrong} evaluated");
    assert!(store.counts().conflict > 0, "nobody raced");
    let rest = 100 - wrong;
    for guess in 0..rest {
        let _ = challenges.answer(Answer::allow(id, CODE, format!("more{guess}"))).await;
    }
    assert!(challenges.answer(Answer::allow(id, CODE, created.code.unwrap().expose())).await.is_err());
}
