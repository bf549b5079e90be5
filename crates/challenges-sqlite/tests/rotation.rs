//! Key rotation on SQLite while the service is in use.
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, Error, Owner, Timestamp};
use challenges_sqlite::SqliteStore;
use challenges_testkit::{Authenticator, FakeClock, administrator};

const K1: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const K2: &str = "k2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
const USERS: usize = 24;

async fn service(store: SqliteStore, clock: &FakeClock, keys: &str) -> Result<Challenges, Error> {
    Challenges::builder(store, keys.parse().unwrap()).clock(clock.clone()).build().await
}

fn owner(number: usize) -> Owner {
    Owner::user(format!("user{number}")).unwrap()
}

/// Creates a code challenge with answer data, and passes it.
async fn by_code(challenges: &Challenges, number: usize) {
    let data = challenges_core::AnswerData::new(&serde_json::json!({ "number": number })).unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_answer_data(data);
    let created = challenges.create(owner(number), spec).await.unwrap();
    // Lets a re-sealing walk run between the two calls.
    tokio::task::yield_now().await;
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, created.code.unwrap().expose());
    assert!(challenges.answer(answer).await.unwrap().passed().is_some());
}

async fn by_totp(challenges: &Challenges, number: usize, app: &Authenticator, now: Timestamp) {
    let spec = ChallengeSpec::new(ChallengeType::Totp).unwrap();
    let id = challenges.create(owner(number), spec).await.unwrap().challenge.id();
    let answer = Answer::allow(id, ChallengeType::Totp, app.code(now));
    assert!(challenges.answer(answer).await.unwrap().passed().is_some());
}

/// Re-seals all records once. Returns the number of re-sealed records, and whether none are left.
async fn reseal_all(challenges: &Challenges) -> (usize, bool) {
    let (mut cursor, mut resealed) = (None::<String>, 0);
    loop {
        let page = challenges.reseal(cursor.as_deref(), 5).await.unwrap();
        assert!(page.unreadable.is_empty(), "{page:?}");
        resealed += page.resealed;
        cursor = page.next;
        if cursor.is_none() {
            return (resealed, page.done);
        }
    }
}

/// R29: keys rotate under load without a failed call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_rotate_under_load() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("challenges.db");
    let open = || SqliteStore::open(&path).unwrap();
    let clock = FakeClock::at(Timestamp::from_seconds(1_700_000_000));
    // `before` still seals under the old key and `after` under the new key. Each has its own connections.
    let before = service(open(), &clock, &format!("*{K1}\n{K2}")).await.unwrap();
    let mut apps = Vec::new();
    for number in 0..USERS {
        let (enrollment, key) = before.totp().create(owner(number), &administrator()).await.unwrap();
        let app = Authenticator::new(key.to_base32().expose()).unwrap();
        let id = enrollment.id();
        before.totp().confirm(&owner(number), &administrator(), id, &app.code(before.now()).into()).await.unwrap();
        apps.push(app);
    }
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    let open_since = before.create(owner(0), spec).await.unwrap();
    let now = clock.advance(Duration::from_secs(30));
    let after = service(open(), &clock, &format!("*{K2}\n{K1}")).await.unwrap();

    let resealing = Arc::new(AtomicBool::new(true));
    let serving: Vec<_> = [before, after.clone()]
        .map(|challenges| {
            let resealing = resealing.clone();
            tokio::spawn(async move {
                let mut served = 0;
                while resealing.load(Ordering::Relaxed) || served < USERS {
                    by_code(&challenges, served % USERS).await;
                    served += 1;
                }
            })
        })
        .into();
    let (one, other) = tokio::join!(reseal_all(&after), reseal_all(&after));
    for (number, app) in apps.iter().enumerate() {
        by_totp(&after, number, app, now).await;
    }
    resealing.store(false, Ordering::Relaxed);
    for task in serving {
        task.await.unwrap();
    }
    assert!(one.0 + other.0 >= USERS && !one.1 && !other.1, "{one:?} {other:?}");
    assert!(service(open(), &clock, &format!("*{K2}")).await.is_err(), "a MAC under the old key was not noticed");
    let answer = Answer::allow(open_since.challenge.id(), ChallengeType::Code, open_since.code.unwrap().expose());
    assert!(
        after.answer(answer).await.unwrap().passed().is_some(),
        "a code with a MAC under the old key must still pass"
    );

    let now = clock.advance(Duration::from_secs(3 * 86_400));
    assert!(reseal_all(&after).await.1);
    let retired = service(open(), &clock, &format!("*{K2}")).await.unwrap();
    for (number, app) in apps.iter().enumerate() {
        by_totp(&retired, number, app, now).await;
    }
}
