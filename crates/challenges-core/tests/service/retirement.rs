use std::sync::Arc;
use std::time::Duration;

use challenges_core::keyring::SealError;
use challenges_core::{
    Address, Answer, BuildError, ChallengeSpec, ChallengeType, Challenges, Error, KeyRing, Store, Timestamp,
};
use challenges_memory::MemoryStore;
use challenges_testkit::{Authenticator, FakeClock, Yielding};

use crate::harness::{Host, KEYS, START, owner, passed};
use crate::rotation::{both, fill, old, only_new, under, walk};

fn names_the_old_key(error: &Error) -> bool {
    matches!(error, Error::Seal(SealError::UnknownKey(id)) if *id == old())
}

#[tokio::test]
async fn r29_without_the_old_key_everything_opens_once_a_walk_is_done() {
    let host = Host::new().await;
    fill(&host).await;
    let (_, app) = host.enroll("carol").await;
    let host = host.restarted(&both()).await.unwrap();
    assert!(!walk(&host, 500).await.2.done);
    let early = host.restarted(&only_new()).await.map(|_| ());
    assert!(matches!(&early, Err(BuildError::Keys(SealError::UnknownKey(id))) if *id == old()), "{early:?}");
    host.clock.set(under(&host, &old()).await.ends.unwrap());
    assert!(walk(&host, 3).await.2.done);

    let host = host.restarted(&only_new()).await.unwrap();
    let totp = host.create("carol", ChallengeType::Totp).await.challenge.id();
    assert!(passed(host.answer(totp, ChallengeType::Totp, &app.code(host.now())).await));
    for endpoint in host.challenges.endpoints(&owner("alice"), 10).await.unwrap() {
        assert!(host.challenges.address(&endpoint).is_ok());
    }
    let outbox = host.challenges.outbox(None, None, 10).await.unwrap();
    assert!(outbox.len() == 3 && outbox.iter().all(Result::is_ok), "{outbox:?}");
    let letters = host.challenges.dead_letters(None, None, 10).await.unwrap();
    assert!(letters.len() == 1 && letters[0].is_ok());
}

#[tokio::test]
async fn r29_a_key_that_was_retired_too_early_is_named_by_all_that_needs_it() {
    let host = Host::new().await;
    let host = host.restarted(&both()).await.unwrap();
    assert!(walk(&host, 500).await.2.done, "the root is under the new key");
    // A process that was forgotten still seals under the old key.
    let forgotten = host.restarted(&format!("{KEYS}\n{}", &only_new()[1..])).await.unwrap();
    let (_, app) = forgotten.enroll("alice").await;
    let phone = Address::Phone("+4915112345678".parse().unwrap());
    let phone = forgotten.challenges.register_vouched_endpoint(owner("alice"), phone).await.unwrap();
    let code = forgotten.create("alice", ChallengeType::Code).await;
    let totp = forgotten.create("alice", ChallengeType::Totp).await.challenge.id();
    host.next_step();

    let early = host.restarted(&only_new()).await.unwrap();
    let code_text = code.code.unwrap();
    let by_code = early.answer(code.challenge.id(), ChallengeType::Code, code_text.expose()).await.unwrap_err();
    let by_totp = early.answer(totp, ChallengeType::Totp, &app.code(host.now())).await.unwrap_err();
    let address = early.challenges.address(&phone).unwrap_err();
    for error in [by_code, by_totp, address] {
        assert!(names_the_old_key(&error), "{error:?}");
        assert!(std::error::Error::source(&error).unwrap().to_string().contains("'k1'"));
    }
    let report = early.challenges.reseal(None, 500).await.unwrap();
    assert_eq!(report.unopened.len(), 2, "the enrollment and the address");
    assert!(report.unopened.iter().all(|unopened| names_the_old_key(&unopened.source)) && !report.done);

    let again = host.restarted(&both()).await.unwrap();
    assert!(passed(again.answer(code.challenge.id(), ChallengeType::Code, code_text.expose()).await), "the control");
    assert!(passed(again.answer(totp, ChallengeType::Totp, &app.code(host.now())).await));
}

async fn service(store: impl Store, clock: &FakeClock, keys: &str) -> Challenges {
    let keys: KeyRing = keys.parse().unwrap();
    Challenges::builder(store, keys).clock(clock.clone()).build().await.unwrap()
}

async fn answer(challenges: &Challenges, user: &str, app: &Authenticator, now: Timestamp) {
    let spec = |kind| ChallengeSpec::new(kind).unwrap();
    let code = challenges.create_challenge(owner(user), spec(ChallengeType::Code)).await.unwrap();
    let totp = challenges.create_challenge(owner(user), spec(ChallengeType::Totp)).await.unwrap().challenge.id();
    let by_code = Answer::allow(code.challenge.id(), ChallengeType::Code, code.code.unwrap().expose());
    assert!(passed(challenges.answer(by_code).await));
    assert!(passed(challenges.answer(Answer::allow(totp, ChallengeType::Totp, app.code(now))).await));
}

async fn walk_of(challenges: &Challenges) -> usize {
    let (mut cursor, mut resealed) = (None, 0);
    loop {
        let page = challenges.reseal(cursor, 7).await.unwrap();
        assert!(page.unopened.is_empty(), "{page:?}");
        resealed += page.resealed;
        cursor = page.next;
        if cursor.is_none() {
            return resealed;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r29_keys_change_under_load_without_a_failure() {
    const USERS: usize = 40;
    const ROUNDS: usize = 5;
    let store = Arc::new(MemoryStore::new());
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let before = service(store.clone(), &clock, &format!("{KEYS}\n{}", &only_new()[1..])).await;
    let mut users = Vec::new();
    for number in 0..USERS {
        let user = format!("user{number}");
        let created = before.create_totp_enrollment(owner(&user)).await.unwrap();
        let app = Authenticator::new(created.key.to_base32().expose()).unwrap();
        let id = created.enrollment.id();
        before.confirm_totp_enrollment(&owner(&user), id, &app.code(before.now()).into()).await.unwrap();
        users.push((user, app));
    }
    let after = service(Yielding::new(store.clone()), &clock, &both()).await;
    let users = Arc::new(users);
    let mut resealed = 0;
    for _ in 0..ROUNDS {
        let now = clock.advance(Duration::from_secs(30));
        // Old and new processes, and two walks at once.
        let serving: Vec<_> = [before.clone(), after.clone()]
            .into_iter()
            .enumerate()
            .map(|(which, challenges)| {
                let users = users.clone();
                tokio::spawn(async move {
                    for (user, app) in users.iter().skip(which).step_by(2) {
                        answer(&challenges, user, app, now).await;
                    }
                })
            })
            .collect();
        let (one, other) = tokio::join!(walk_of(&after), walk_of(&after));
        resealed += one + other;
        for task in serving {
            task.await.unwrap();
        }
    }
    // The root may be among them, where a walk came before the first hash.
    assert!((USERS..=USERS + 1).contains(&resealed), "each key once, whoever came first: {resealed}");

    clock.advance(Duration::from_secs(3 * 86_400));
    walk_of(&after).await;
    let retired = service(store, &clock, &only_new()).await;
    let now = clock.advance(Duration::from_secs(30));
    for (user, app) in users.iter() {
        answer(&retired, user, app, now).await;
    }
}
