//! Copies between all kinds of stores keep open challenges, used codes, failure counts and the outbox.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::Arc;
use std::time::Duration;

use challenges::approvals::{HttpAction, OneTimeUseAction};
use challenges::memory::MemoryStore;
use challenges::redis::RedisOptions;
use challenges::sqlite::SqliteStore;
use challenges::store::{CopyError, compare, copy};
use challenges::time::Clock as _;
use challenges::{
    Answer, ChallengeSpec, ChallengeType, Challenges, Error, Factor, KeyRing, Owner, Store, Timeout, Timestamp,
};
use challenges_proofs::redis::{RedisCluster, RedisServer};
use challenges_testkit::{Authenticator, FakeClock, administrator};

const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const KINDS: [&str; 4] = ["memory", "sqlite", "redis", "cluster"];

/// The directory and servers of the stores under test.
struct Place {
    directory: tempfile::TempDir,
    server: RedisServer,
    cluster: RedisCluster,
}

impl Place {
    async fn open(&self, kind: &str, name: &str) -> Arc<dyn Store> {
        match kind {
            "memory" => Arc::new(MemoryStore::new()),
            "sqlite" => Arc::new(SqliteStore::open(self.directory.path().join(name)).unwrap()),
            _ => {
                let url = if kind == "redis" { self.server.url() } else { self.cluster.url() };
                Arc::new(RedisOptions::new().prefix(name).open(&url).await.unwrap())
            }
        }
    }
}

async fn service(store: &Arc<dyn Store>, clock: &FakeClock) -> Challenges {
    let keys: KeyRing = KEYS.parse().unwrap();
    let page = "https://app.example/answer".parse().unwrap();
    let builder = Challenges::builder(store.clone(), keys).clock(clock.clone()).answer_page(page);
    builder.build().await.unwrap()
}

fn alice() -> Owner {
    Owner::user("alice").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn service_continues_on_copy_of_an_embedded_store() {
    continue_on_copies(["memory", "sqlite"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn service_continues_on_copy_of_a_redis_store() {
    continue_on_copies(["redis", "cluster"]).await;
}

async fn continue_on_copies(sources: [&str; 2]) {
    let place = Place {
        directory: tempfile::tempdir().unwrap(),
        server: RedisServer::start(&[]).unwrap(),
        cluster: RedisCluster::start(3, &[]).unwrap(),
    };
    for from in sources {
        for to in KINDS {
            let name = |end: &str| format!("{from}-{to}-{end}");
            let (source, target) = (place.open(from, &name("old")).await, place.open(to, &name("new")).await);
            copy_and_continue(source, target).await;
        }
    }
}

async fn copy_and_continue(source: Arc<dyn Store>, target: Arc<dyn Store>) {
    let clock = FakeClock::at(Timestamp::from_seconds(1_700_000_000));
    let old = service(&source, &clock).await;

    // A used code, and an open challenge for the same enrollment.
    let (enrollment, key) = old.totp().create(alice(), &administrator()).await.unwrap();
    let app = Authenticator::new(key.to_base32().expose()).unwrap();
    let used = app.code(clock.now());
    old.totp().confirm(&alice(), &administrator(), enrollment.id(), &used.as_str().into()).await.unwrap();
    let totp = ChallengeSpec::new(ChallengeType::Totp).unwrap();
    let totp = old.create(alice(), totp).await.unwrap().challenge.id();
    let wrong = app.wrong_code(clock.now(), 0);
    assert!(old.answer(Answer::allow(totp, ChallengeType::Totp, wrong)).await.is_err());
    // More open challenges than one page of a copy, and outbox entries.
    let mut codes = Vec::new();
    for number in 0..600 {
        let user = Owner::user(format!("user {number}")).unwrap();
        let code = ChallengeSpec::new(ChallengeType::Code).unwrap();
        codes.push(old.create(user, code).await.unwrap());
    }
    let actor = Owner::user("alice").unwrap();
    let mut action = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(600).unwrap());
    action.approved_actions.push(HttpAction::new("POST", "https://hooks.example/deploy").unwrap());
    let action = old.actions().create(alice(), action).await.unwrap();
    let approve = Answer::approve_action(action.challenge.id(), action.links[0].approve.expose());
    assert!(old.answer(approve).await.unwrap().passed().is_some());
    old.endpoints().register_phone(alice(), &administrator(), "+15550100199".parse().unwrap()).await.unwrap();
    let due = old.outbox().next_due().await.unwrap();
    assert!(due.is_some());

    let (copied, found) = copy(&*source, &*target).await.unwrap();
    assert!(copied > 600 && found == 0, "{copied} {found}");
    let again = copy(&*source, &*target).await.unwrap();
    assert_eq!(again, (0, copied));

    let new = service(&target, &clock).await;
    assert_eq!(new.outbox().next_due().await.unwrap(), due);
    assert_eq!(new.outbox().list(None, None, 500).await.unwrap().len(), 2);
    assert_eq!(new.endpoints().list(&alice(), None, 500).await.unwrap().len(), 1);
    assert_eq!(new.account(&alice()).failures(Factor::Totp).await.unwrap(), 1);
    let replayed = new.answer(Answer::allow(totp, ChallengeType::Totp, used)).await;
    assert!(matches!(replayed, Err(Error::AnswerRefused)), "a used code stays used");
    clock.advance(Duration::from_secs(30));
    let fresh = Answer::allow(totp, ChallengeType::Totp, app.code(clock.now()));
    assert!(new.answer(fresh).await.unwrap().passed().is_some());
    for created in &codes {
        let code = created.code.as_ref().unwrap().expose();
        let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code);
        assert!(new.answer(answer).await.unwrap().passed().is_some());
    }
    // The index of expired records is there as well.
    clock.advance(Duration::from_secs(10 * 86_400));
    let swept = (new.sweep(10_000).await.unwrap(), old.sweep(10_000).await.unwrap());
    assert!(swept.0 >= 600 && swept.1 >= 600, "{swept:?}");

    // Control: the copy has changed since, so a comparison and another copy must notice.
    assert!(compare(&*source, &*target).await.unwrap().different > 0);
    assert!(matches!(copy(&*source, &*target).await, Err(CopyError::Occupied(_))));
}
