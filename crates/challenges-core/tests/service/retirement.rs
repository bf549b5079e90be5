//! Retirement of old keys, and key rotation under load.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use challenges_core::endpoints::Address;
use challenges_core::keyring::SealError;
use challenges_core::outbox::Task;
use challenges_core::{
    Answer, ChallengeSpec, ChallengeType, ChallengeTypes, Challenges, Error, Invalid, KeyRing, Store, Timestamp,
};
use challenges_memory::MemoryStore;
use challenges_testkit::{Authenticator, FakeClock, Yielding, administrator};

use crate::harness::{Host, KEYS, START, owner, passed};
use crate::rotation::{OLD, both, fill, only_new, under, walk};

const CODE: ChallengeType = ChallengeType::Code;
const TOTP: ChallengeType = ChallengeType::Totp;

fn is_old_key_missing(error: &Error) -> bool {
    matches!(error, Error::Seal(SealError::UnknownKey(id)) if id == OLD)
}

/// R29: a service without the old key opens every record.
#[tokio::test]
async fn old_key_is_removable_after_a_done_walk() {
    let host = Host::new().await;
    fill(&host).await;
    let (_, app) = host.enroll("carol").await;
    let host = host.restarted(&both()).await.unwrap();
    assert!(!walk(&host, 500).await.2.done);
    let early = host.restarted(&only_new()).await.map(|_| ());
    assert!(matches!(&early, Err(Error::OtherKeys(SealError::UnknownKey(id))) if id == OLD), "{early:?}");
    host.clock.set(under(&host, OLD).await.ends.unwrap());
    assert!(walk(&host, 3).await.2.done);

    let host = host.restarted(&only_new()).await.unwrap();
    let totp = host.create("carol", TOTP).await.challenge.id();
    assert!(passed(host.answer(totp, TOTP, &app.code(host.now())).await));
    for endpoint in host.challenges.endpoints().list(&owner("alice"), None, 10).await.unwrap() {
        assert!(host.challenges.endpoints().address(&endpoint).is_ok());
    }
    let outbox = host.challenges.outbox().list(None, None, 10).await.unwrap();
    assert!(outbox.len() == 3 && outbox.iter().all(Result::is_ok), "{outbox:?}");
    let letters = host.challenges.outbox().dead_letters(None, None, 10).await.unwrap();
    assert!(letters.len() == 1 && letters[0].is_ok());
}

/// R29: every value that needs the key fails with an error naming the key.
#[tokio::test]
async fn key_removed_too_early_is_named() {
    let host = Host::new().await;
    let host = host.restarted(&both()).await.unwrap();
    assert!(walk(&host, 500).await.2.done, "the salt is under the new key");
    // A process that missed the rotation still seals under the old key.
    let outdated = host.restarted(&format!("{KEYS}\n{}", &only_new()[1..])).await.unwrap();
    let (_, app) = outdated.enroll("alice").await;
    let phone = Address::Phone("+4915112345678".parse().unwrap());
    let phone =
        outdated.challenges.endpoints().register_confirmed(owner("alice"), &administrator(), phone).await.unwrap();
    let code = outdated.create("alice", CODE).await;
    let totp = outdated.create("alice", TOTP).await.challenge.id();
    host.next_step();

    let early = host.restarted(&only_new()).await.unwrap();
    let code_text = code.code.unwrap();
    let by_code = early.answer(code.challenge.id(), CODE, code_text.expose()).await.unwrap_err();
    let by_totp = early.answer(totp, TOTP, &app.code(host.now())).await.unwrap_err();
    let address = early.challenges.endpoints().address(&phone).unwrap_err();
    for error in [by_code, by_totp, address] {
        assert!(is_old_key_missing(&error), "{error:?}");
        assert!(error.source().unwrap().to_string().contains("'k1'"));
    }
    let report = early.challenges.reseal(None, 500).await.unwrap();
    assert_eq!(report.unreadable.len(), under(&host, OLD).await.records, "each record that the process wrote");
    assert!(report.unreadable.len() >= 5, "enrollment, endpoint, challenges, counters: {report:?}");
    assert!(report.unreadable.iter().all(|(_, error)| is_old_key_missing(error)));

    let again = host.restarted(&both()).await.unwrap();
    assert!(passed(again.answer(code.challenge.id(), CODE, code_text.expose()).await), "control");
    assert!(passed(again.answer(totp, TOTP, &app.code(host.now())).await), "control");
}

async fn service(store: impl Store, clock: &FakeClock, keys: &str) -> Challenges {
    let keys: KeyRing = keys.parse().unwrap();
    Challenges::builder(store, keys).clock(clock.clone()).build().await.unwrap()
}

/// Creates and passes a challenge by code and one by TOTP.
async fn pass_both(challenges: &Challenges, user: &str, app: &Authenticator, now: Timestamp) {
    let spec = |kind| ChallengeSpec::new(kind).unwrap();
    let code = challenges.create(owner(user), spec(CODE)).await.unwrap();
    let totp = challenges.create(owner(user), spec(TOTP)).await.unwrap().challenge.id();
    let by_code = Answer::allow(code.challenge.id(), CODE, code.code.unwrap().expose());
    assert!(passed(challenges.answer(by_code).await));
    assert!(passed(challenges.answer(Answer::allow(totp, TOTP, app.code(now))).await));
}

/// Walks to the end in small pages. Returns the number of records sealed again.
async fn reseal_all(challenges: &Challenges) -> usize {
    let (mut cursor, mut resealed) = (None::<String>, 0);
    loop {
        let page = challenges.reseal(cursor.as_deref(), 7).await.unwrap();
        assert!(page.unreadable.is_empty(), "{page:?}");
        resealed += page.resealed;
        cursor = page.next;
        if cursor.is_none() {
            return resealed;
        }
    }
}

/// R29: old and new processes serve users during the walks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_rotate_under_load_without_failures() {
    const USERS: usize = 40;
    const ROUNDS: usize = 5;
    let store = Arc::new(MemoryStore::new());
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let before = service(store.clone(), &clock, &format!("{KEYS}\n{}", &only_new()[1..])).await;
    let mut users = Vec::new();
    for number in 0..USERS {
        let user = format!("user{number}");
        let (enrollment, key) = before.totp().create(owner(&user), &administrator()).await.unwrap();
        let app = Authenticator::new(key.to_base32().expose()).unwrap();
        let id = enrollment.id();
        before.totp().confirm(&owner(&user), &administrator(), id, &app.code(before.now()).into()).await.unwrap();
        users.push((user, app));
    }
    let after = service(Yielding::new(store.clone()), &clock, &both()).await;
    let users = Arc::new(users);
    let mut resealed = 0;
    for _ in 0..ROUNDS {
        let now = clock.advance(Duration::from_secs(30));
        // Old and new processes serve users during two concurrent walks.
        let serving: Vec<_> = [before.clone(), after.clone()]
            .into_iter()
            .enumerate()
            .map(|(which, challenges)| {
                let users = users.clone();
                tokio::spawn(async move {
                    for (user, app) in users.iter().skip(which).step_by(2) {
                        pass_both(&challenges, user, app, now).await;
                    }
                })
            })
            .collect();
        let (one, other) = tokio::join!(reseal_all(&after), reseal_all(&after));
        resealed += one + other;
        for task in serving {
            task.await.unwrap();
        }
    }
    assert!(resealed >= USERS, "{resealed} records were sealed again");

    clock.advance(Duration::from_secs(3 * 86_400));
    reseal_all(&after).await;
    let retired = service(store, &clock, &only_new()).await;
    let now = clock.advance(Duration::from_secs(30));
    for (user, app) in users.iter() {
        pass_both(&retired, user, app, now).await;
    }
}

/// R63: a new link is compared together with the code and the number shown at creation. After their key is retired no link
/// could be answered, so none is sent.
#[tokio::test]
async fn resend_never_sends_a_dead_link() {
    const SMS: ChallengeType = ChallengeType::Sms;
    let retired = format!("{}\n~{}", only_new(), &KEYS[1..]);
    let spec =
        |types: &[ChallengeType]| ChallengeSpec::new(ChallengeTypes::new(None, Some(types.to_vec())).unwrap()).unwrap();
    let rows = [
        (spec(&[SMS]), None),
        (spec(&[SMS, CODE]), Some(Invalid::ResendKeyRetired)),
        (spec(&[SMS]).with_number_match(), Some(Invalid::ResendKeyRetired)),
    ];
    for (spec, refusal) in rows {
        let host = Host::new().await;
        let phone = Address::Phone("+4915112345678".parse().unwrap());
        host.challenges.endpoints().register_confirmed(owner("alice"), &administrator(), phone).await.unwrap();
        let id = host.challenges.create(owner("alice"), spec).await.unwrap().challenge.id();
        let after = host.restarted(&retired).await.unwrap();
        host.clock.advance(Duration::from_secs(60));
        match (after.challenges.resend(id).await, refusal) {
            (Ok(_), None) => {
                let entries = after.challenges.outbox().list(None, None, 10).await.unwrap();
                let [Ok(entry)] = &entries[..] else { panic!("{entries:?}") };
                let Task::Deliver { secret, .. } = &entry.task else { panic!("no message: {entry:?}") };
                assert!(passed(after.answer(id, SMS, secret.expose()).await), "the new link is under the new key");
            }
            (Err(Error::Invalid(refused)), Some(expected)) => {
                assert_eq!(refused, expected);
                assert!(host.challenges.resend(id).await.is_ok(), "control: while the key is active");
            }
            (other, expected) => panic!("{other:?} instead of {expected:?}"),
        }
    }
}
