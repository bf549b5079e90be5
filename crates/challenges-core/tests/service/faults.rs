use std::sync::Arc;
use std::time::Duration;

use challenges_core::approvals::{HttpAction, OneTimeUseAction};
use challenges_core::endpoints::Address;
use challenges_core::outbox::Task;
use challenges_core::store::StoreError;
use challenges_core::{
    Answer, ChallengeSpec, ChallengeType, Challenges, CreatedChallenge, Decision, Error, KeyRing, Owner, Policy, State,
    Timeout, Timestamp,
};
use challenges_memory::MemoryStore;
use challenges_testkit::{Authenticator, Counting, Counts, FakeClock, Fault, Flaky, Method, Yielding, administrator};
use futures::executor::block_on;
use tokio::task::JoinSet;

use crate::courier::Scripted;
use crate::harness::{START, owner, service};

const CODE: ChallengeType = ChallengeType::Code;

/// Two services on the same store. Store calls of `challenges` fail as planned; store calls of `sound` succeed.
struct Faulty {
    challenges: Challenges,
    store: Flaky<MemoryStore>,
    sound: Challenges,
    clock: FakeClock,
}

async fn faulty() -> Faulty {
    let memory = Arc::new(MemoryStore::new());
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let sound = service(memory.clone(), Policy::default(), clock.clone(), ()).await;
    let store = Flaky::sharing(memory);
    let challenges = service(store.clone(), Policy::default(), clock.clone(), ()).await;
    Faulty { challenges, store, sound, clock }
}

async fn create(challenges: &Challenges, kind: ChallengeType) -> CreatedChallenge {
    challenges.create(owner("alice"), ChallengeSpec::new(kind).unwrap()).await.unwrap()
}

/// R9: a fault before the store received the call changes nothing, and counts no failure.
#[tokio::test]
async fn fault_before_the_store_changes_nothing() {
    for method in [Method::Load, Method::Commit] {
        for right in [true, false] {
            let host = faulty().await;
            let created = create(&host.sound, CODE).await;
            let (id, code) = (created.challenge.id(), created.code.unwrap());
            let answer = if right { code.expose() } else { "wrong" };
            host.store.fail_every(method, Fault::Before);
            let result = host.challenges.answer(Answer::allow(id, CODE, answer)).await;
            assert!(matches!(result, Err(Error::Store(StoreError::Unavailable(_)))), "{result:?}");
            let after = host.sound.get(id).await.unwrap();
            assert_eq!((after.state(), after.wrong_answers()), (State::Issued, 0));
            host.store.recover();
            let result = host.challenges.answer(Answer::allow(id, CODE, code.expose())).await;
            assert!(matches!(result, Ok(Decision::Passed(_))), "the code still answers");
        }
    }
}

/// R9: after a lost reply, the version of the stored record tells that the commit was applied.
#[tokio::test]
async fn lost_reply_is_resolved_by_the_version() {
    let host = faulty().await;
    let created = create(&host.sound, CODE).await;
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    host.store.fail_nth(1, Fault::After);
    let result = host.challenges.answer(Answer::allow(id, CODE, code.expose())).await;
    assert!(matches!(result, Ok(Decision::Passed(_))), "{result:?}");
    assert!(host.sound.answer(Answer::allow(id, CODE, code.expose())).await.is_err(), "passed once");
}

/// R9: the version is read from the challenge, because a dispatcher may have deleted the outbox entry already.
#[tokio::test]
async fn lost_reply_is_resolved_after_dispatch() {
    let host = faulty().await;
    let actor = Owner::user("alice").unwrap();
    let mut action = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(600).unwrap());
    action.approved_actions = vec![HttpAction::new("POST", "https://a.example/").unwrap()];
    let created = host.sound.actions().create(owner("alice"), action).await.unwrap();
    let answer = Answer::approve_action(created.challenge.id(), created.links[0].approve.expose());
    let (other, courier) = (host.sound.clone(), Scripted::new(&host.clock, []));
    let (performed, mut committed) = (courier.clone(), false);
    host.store.fail_when(move |call| {
        if committed {
            block_on(other.outbox().dispatch(&courier, 10)).unwrap();
            return None;
        }
        committed = call.method == Method::Commit;
        committed.then_some(Fault::After)
    });
    let result = host.challenges.answer(answer).await;
    assert!(matches!(result, Ok(Decision::Passed(_))), "{result:?}");
    assert_eq!(performed.done().len(), 1);
}

#[tokio::test]
async fn first_start_survives_a_lost_reply() {
    for (fault, starts) in [(Fault::After, true), (Fault::Before, false)] {
        let store = Flaky::new(MemoryStore::new());
        store.fail_when(move |call| (call.method == Method::Commit).then_some(fault));
        let keys = KeyRing::generate().unwrap();
        assert_eq!(Challenges::builder(store, keys).build().await.is_ok(), starts, "{fault:?}");
    }
}

/// R9: an answer of unknown outcome is an error, although the store applied the commit.
#[tokio::test]
async fn unknown_outcome_is_never_success() {
    let host = faulty().await;
    let created = create(&host.sound, CODE).await;
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    let from = host.store.calls() + 1;
    host.store.fail_when(move |call| (call.index >= from).then_some(Fault::After));
    let result = host.challenges.answer(Answer::allow(id, CODE, code.expose())).await;
    assert!(matches!(result, Err(Error::Store(StoreError::OutcomeUnknown(_)))), "{result:?}");
    host.store.recover();
    assert_eq!(host.sound.get(id).await.unwrap().state(), State::ChallengePassed, "the commit was applied");
    assert!(host.challenges.answer(Answer::allow(id, CODE, code.expose())).await.is_err(), "passed once");
}

/// R6: a counted failure survives later faults and a restart.
#[tokio::test]
async fn counted_failure_survives_faults_and_restart() {
    let host = faulty().await;
    let id = create(&host.sound, CODE).await.challenge.id();
    // The commit is applied, and every later call fails.
    let from = host.store.calls() + 1;
    host.store.fail_when(move |call| (call.index >= from).then_some(Fault::After));
    assert!(host.challenges.answer(Answer::allow(id, CODE, "wrong")).await.is_err());
    host.store.recover();
    let restarted = service(host.store.clone(), Policy::default(), host.clock.clone(), ()).await;
    assert_eq!(restarted.get(id).await.unwrap().wrong_answers(), 1);
}

/// R9: whichever call fails, the challenge passes together with the use of the code, or neither happens.
#[tokio::test]
async fn totp_answer_is_atomic_under_faults() {
    for index in 0..4 {
        for fault in [Fault::Before, Fault::After] {
            let host = faulty().await;
            let (enrollment, key) = host.sound.totp().create(owner("alice"), &administrator()).await.unwrap();
            let app = Authenticator::new(key.to_base32().expose()).unwrap();
            let code = app.code(Timestamp::from_seconds(START)).into();
            let id = enrollment.id();
            host.sound.totp().confirm(&owner("alice"), &administrator(), id, &code).await.unwrap();
            host.clock.advance(Duration::from_secs(30));
            let first = create(&host.sound, ChallengeType::Totp).await.challenge.id();
            let second = create(&host.sound, ChallengeType::Totp).await.challenge.id();
            let code = app.code(Timestamp::from_seconds(START + 30));
            host.store.fail_nth(index, fault);
            let result = host.challenges.answer(Answer::allow(first, ChallengeType::Totp, code.as_str())).await;
            host.store.recover();
            let state = host.sound.get(first).await.unwrap().state();
            let again = host.sound.answer(Answer::allow(second, ChallengeType::Totp, code.as_str())).await;
            assert_eq!(state == State::ChallengePassed, again.is_err(), "call {index}, {fault:?}");
            assert!(result.is_err() || state == State::ChallengePassed, "call {index}, {fault:?}: {result:?}");
        }
    }
}

#[tokio::test]
async fn round_trips_of_each_operation() {
    let store = Counting::new(MemoryStore::new());
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let challenges = service(store.clone(), Policy::default(), clock.clone(), ()).await;
    let (enrollment, key) = challenges.totp().create(owner("alice"), &administrator()).await.unwrap();
    let app = Authenticator::new(key.to_base32().expose()).unwrap();
    let code = app.code(Timestamp::from_seconds(START)).into();
    challenges.totp().confirm(&owner("alice"), &administrator(), enrollment.id(), &code).await.unwrap();
    clock.advance(Duration::from_secs(30));

    let mut before = store.counts();
    let mut spent = || {
        let now = store.counts();
        let spent = now - before;
        before = now;
        spent
    };
    let trips = |load, commit| Counts { load, commit, ..Counts::default() };
    let created = create(&challenges, CODE).await;
    assert_eq!(spent(), trips(1, 1), "create a code challenge");
    let id = created.challenge.id();
    challenges.get(id).await.unwrap();
    assert_eq!(spent(), trips(1, 0), "get");
    assert!(challenges.answer(Answer::allow(id, CODE, "wrong")).await.is_err());
    assert_eq!(spent(), trips(1, 1), "a wrong code");
    assert!(challenges.answer(Answer::allow(id, CODE, created.code.unwrap().expose())).await.is_ok());
    assert_eq!(spent(), trips(1, 1), "the right code");
    let id = create(&challenges, ChallengeType::Totp).await.challenge.id();
    assert_eq!(spent(), trips(1, 1), "create a TOTP challenge");
    let code = app.code(Timestamp::from_seconds(START + 30));
    assert!(challenges.answer(Answer::allow(id, ChallengeType::Totp, code)).await.is_ok());
    assert_eq!(spent(), trips(1, 1), "the right TOTP code");

    let phone = Address::Phone("+4915112345678".parse().unwrap());
    challenges.endpoints().register_confirmed(owner("alice"), &administrator(), phone).await.unwrap();
    spent();
    let spec = ChallengeSpec::new(ChallengeType::Sms).unwrap().with_number_match();
    let created = challenges.create(owner("alice"), spec).await.unwrap();
    assert_eq!(spent(), trips(1, 1), "create an SMS challenge");
    let entries = challenges.outbox().list(None, None, 10).await.unwrap();
    let [Ok(entry)] = &entries[..] else { panic!("one message") };
    let Task::Deliver { secret, .. } = &entry.task else { panic!("a message") };
    spent();
    let answer = || Answer::allow(created.challenge.id(), ChallengeType::Sms, secret.expose());
    assert!(challenges.answer(answer()).await.is_err());
    assert_eq!(spent(), trips(1, 1), "a link without the number");
    assert!(challenges.answer(answer().with_number(created.number.unwrap().expose())).await.is_ok());
    assert_eq!(spent(), trips(1, 1), "a link with the number");
}

/// R3: at most 100 of 1,000 concurrent guesses are compared.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn burst_of_guesses_stops_at_the_limit() {
    let store = Counting::new(Yielding::new(MemoryStore::new()));
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let challenges = service(store.clone(), Policy::default(), clock, ()).await;
    let created = create(&challenges, CODE).await;
    let id = created.challenge.id();
    let mut tasks = JoinSet::new();
    for guess in 0..1_000 {
        let challenges = challenges.clone();
        tasks.spawn(async move { challenges.answer(Answer::allow(id, CODE, format!("wrong{guess}"))).await.is_ok() });
    }
    assert!(!tasks.join_all().await.contains(&true));
    let wrong = challenges.get(id).await.unwrap().wrong_answers();
    assert!(wrong <= 100, "{wrong} guesses were compared");
    assert!(store.counts().conflict > 0, "control: the guesses raced");
    let rest = 100 - wrong;
    for guess in 0..rest {
        let _ = challenges.answer(Answer::allow(id, CODE, format!("more{guess}"))).await;
    }
    assert!(challenges.answer(Answer::allow(id, CODE, created.code.unwrap().expose())).await.is_err());
}
