//! Owners with equal tags: every load and list returns the records of both, and the owner in each record decides.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::endpoints::{Address, PushSubscription};
use challenges_core::outbox::Task;
use challenges_core::store::{Batch, Commit, Id, Kind, Load, StoreError, Stored};
use challenges_core::{
    Answer, ChallengeSpec, ChallengeType, Challenges, EndpointRef, Error, Factor, Invalid, Owner, Policy, Store,
    Timestamp,
};
use challenges_memory::MemoryStore;
use challenges_testkit::{Authenticator, administrator};

use crate::harness::{Host, owner, passed, refused, service};

const TOTP: ChallengeType = ChallengeType::Totp;
const SMS: ChallengeType = ChallengeType::Sms;

/// A store in which all owners share a tag.
#[derive(Debug)]
struct Mixing(Arc<MemoryStore>);

impl Mixing {
    async fn all(&self, kind: Kind) -> Result<Vec<Stored>, StoreError> {
        self.0.list(kind, None, None, 10_000).await
    }
}

#[async_trait]
impl Store for Mixing {
    async fn load(&self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        let mut records = self.0.load(request).await?;
        for kind in request.owned_kinds() {
            for stored in self.all(*kind).await? {
                if !records.contains(&stored) {
                    // The records of other owners come first.
                    records.insert(0, stored);
                }
            }
        }
        Ok(records)
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        self.0.commit(batch).await
    }

    async fn list(
        &self,
        kind: Kind,
        _: Option<u64>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        self.0.list(kind, None, after, limit).await
    }

    async fn due(
        &self,
        kind: Kind,
        shards: Range<u16>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        self.0.due(kind, shards, now, limit).await
    }

    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.0.purge(shards, before, limit).await
    }
}

async fn mixed(host: &Host, policy: Policy) -> Challenges {
    service(Mixing(host.store.clone()), policy, host.clock.clone(), host.seen.clone()).await
}

fn users() -> (Owner, Owner) {
    (owner("alice"), owner("bob"))
}

fn phone(number: &str) -> Address {
    Address::Phone(number.parse().unwrap())
}

fn push(number: usize) -> PushSubscription {
    PushSubscription::new(&format!("https://push.example/{number}"), &"A".repeat(87), &"A".repeat(22)).unwrap()
}

#[tokio::test]
async fn lists_exclude_owners_with_equal_tags() {
    let host = Host::new().await;
    let challenges = mixed(&host, Policy::default()).await;
    let mut expected = Vec::new();
    for (user, number) in [("alice", "+4915112345678"), ("bob", "+4915112345679")] {
        let endpoint =
            challenges.endpoints().register_confirmed(owner(user), &administrator(), phone(number)).await.unwrap().id();
        let enrollment = challenges.totp().create(owner(user), &administrator()).await.unwrap().0.id();
        let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
        let challenge = challenges.create(owner(user), spec).await.unwrap().challenge.id();
        expected.push((owner(user), endpoint, enrollment, challenge));
    }
    for (user, endpoint, enrollment, challenge) in expected {
        let ids: Vec<_> = challenges.endpoints().list(&user, None, 10).await.unwrap().iter().map(|e| e.id()).collect();
        assert_eq!(ids, [endpoint]);
        let ids: Vec<_> = challenges.totp().list(&user, None, 10).await.unwrap().iter().map(|e| e.id()).collect();
        assert_eq!(ids, [enrollment]);
        let ids: Vec<_> = challenges.list(&user, None, 10).await.unwrap().iter().map(|c| c.id()).collect();
        assert_eq!(ids, [challenge]);
    }
    let tag = host.records(Kind::Endpoint).await[0].key.id.owner();
    let both = Mixing(host.store.clone()).load(&Load::of(tag).with_owned(&[Kind::Endpoint])).await.unwrap();
    assert_eq!(both.len(), 2, "control: the store returns the records of both");
}

/// R12: neither an endpoint nor an enrollment of one owner receives, answers or is named for the other.
#[tokio::test]
async fn factors_of_equal_tags_serve_their_owner_only() {
    let host = Host::new().await;
    let challenges = mixed(&host, Policy::default()).await;
    let (alice, bob) = users();
    let (enrollment, app) = host.enroll("alice").await;
    host.next_step();
    let theirs = challenges
        .endpoints()
        .register_confirmed(alice.clone(), &administrator(), phone("+4915112345678"))
        .await
        .unwrap();
    let totp = || ChallengeSpec::new(TOTP).unwrap();
    let created = challenges.create(bob.clone(), totp()).await.unwrap().challenge;
    assert!(created.public_challenge().is_none());
    assert!(refused(challenges.answer(Answer::allow(created.id(), TOTP, app.code(host.now()))).await));
    for named in [EndpointRef::totp(enrollment), EndpointRef::endpoint(theirs.id())] {
        let spec = ChallengeSpec::new([TOTP, SMS]).unwrap().with_endpoints(vec![named]);
        let named = challenges.create(bob.clone(), spec).await;
        assert!(matches!(named, Err(Error::Invalid(Invalid::UnknownEndpoint))), "{named:?}");
    }
    // Bob's message goes to bob's number only. The same number is an endpoint of each.
    let own = challenges
        .endpoints()
        .register_confirmed(bob.clone(), &administrator(), phone("+4915112345678"))
        .await
        .unwrap();
    assert_ne!(own.id(), theirs.id());
    let sms = challenges.create(bob, ChallengeSpec::new(SMS).unwrap()).await.unwrap().challenge.id();
    let entries = challenges.outbox().list(None, None, 10).await.unwrap();
    let receivers = entries.iter().map(|entry| match entry.as_ref().unwrap() {
        entry if entry.challenge == Some(sms) => match entry.task {
            Task::Deliver { endpoint, .. } => endpoint,
            _ => panic!("{entry:?}"),
        },
        entry => panic!("{entry:?}"),
    });
    assert_eq!(receivers.collect::<Vec<_>>(), [own.id()]);

    // Control: alice's own challenge accepts the code.
    let created = challenges.create(alice, totp()).await.unwrap().challenge.id();
    assert!(passed(challenges.answer(Answer::allow(created, TOTP, app.code(host.now()))).await));
}

/// R4, R34, R65: failures, caps and pending enrollments are counted per owner.
#[tokio::test]
async fn counters_and_caps_of_equal_tags_stay_apart() {
    let host = Host::new().await;
    let mut policy = Policy::default();
    (policy.enrollments, policy.endpoints, policy.open_challenges) = (1, 1, 1);
    let challenges = mixed(&host, policy).await;
    let (alice, bob) = users();
    let (pending, key) = challenges.totp().create(alice.clone(), &administrator()).await.unwrap();
    challenges.endpoints().register_push(alice.clone(), &administrator(), push(1)).await.unwrap();
    let code = || ChallengeSpec::new(ChallengeType::Code).unwrap();
    let _ = challenges.create(alice.clone(), code()).await.unwrap();

    let (own, own_key) = challenges.totp().create(bob.clone(), &administrator()).await.unwrap();
    challenges.endpoints().register_push(bob.clone(), &administrator(), push(2)).await.unwrap();
    let _ = challenges.create(bob.clone(), code()).await.unwrap();
    assert!(challenges.create(bob.clone(), code()).await.is_err(), "control: each cap is one");
    assert!(challenges.endpoints().register_push(bob.clone(), &administrator(), push(3)).await.is_err(), "control");
    assert!(challenges.totp().get(&alice, pending.id()).await.is_ok(), "bob's attempt replaces bob's only");

    let app = Authenticator::new(own_key.to_base32().expose()).unwrap();
    for guess in 0..6 {
        let wrong = app.wrong_code(host.now(), guess).into();
        assert!(challenges.totp().confirm(&bob, &administrator(), own.id(), &wrong).await.is_err());
    }
    let failures = async |user: &Owner| challenges.account(user).failures(Factor::TotpEnrollment).await.unwrap();
    assert_eq!((failures(&bob).await, failures(&alice).await), (6, 0));
    let app = Authenticator::new(key.to_base32().expose()).unwrap();
    let right = app.code(host.now()).into();
    assert!(
        challenges.totp().confirm(&alice, &administrator(), pending.id(), &right).await.is_ok(),
        "bob is delayed alone"
    );
    host.clock.advance(Duration::from_secs(3_600));
    // Expired attempts of another owner are not deleted either.
    let _ = challenges.totp().create(alice, &administrator()).await.unwrap_err();
    assert_eq!(host.records(Kind::TotpEnrollment).await.len(), 2);
}

/// R72: an erasure leaves the records of an owner with an equal tag.
#[tokio::test]
async fn erasure_spares_owners_with_equal_tags() {
    let host = Host::new().await;
    host.enroll("bob").await;
    let (_, bob) = users();
    host.challenges.endpoints().register_push(bob.clone(), &administrator(), push(1)).await.unwrap();
    let before = host.dump().await;
    host.enroll("alice").await;
    let challenges = mixed(&host, Policy::default()).await;
    assert!(challenges.account(&owner("alice")).erase().await.unwrap() >= 2);
    assert_eq!(host.dump().await, before);
    challenges.account(&bob).erase().await.unwrap();
    assert!(!host.dump().await.contains("bob"), "control: the same call deletes the records of bob");
}
