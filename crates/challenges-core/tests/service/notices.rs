//! R67: every change of an account is told to the addresses that the user had before the change.

mod changes;
mod limits;
mod unreadable;

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::endpoints::{Address, PushSubscription};
use challenges_core::outbox::{Courier, Errand, Failure, Job, Message, Notice};
use challenges_core::store::{Kind, StoreError};
use challenges_core::{Challenges, EndpointId, Error, Policy, Store, Timestamp};
use challenges_memory::MemoryStore;
use challenges_testkit::{Counting, Defect, DefectiveStore, FakeClock, Fault, Flaky, Method, Yielding, administrator};

use crate::harness::{Host, START, owner, service};

const EMAIL: &str = "alice@example.org";
const PHONE: &str = "+4915112345678";
const PUSH: &str = "https://push.example/alice";
const ALL: [&str; 3] = [PHONE, EMAIL, PUSH];
const TOTP: challenges_core::ChallengeType = challenges_core::ChallengeType::Totp;

/// Records the notices, each with the receiver, and performs everything.
#[derive(Debug, Default)]
struct Mailbox(Mutex<Vec<(Notice, String)>>);

#[async_trait]
impl Courier for Mailbox {
    async fn perform(&self, job: &Job) -> Result<Option<u16>, Failure> {
        let (message, to) = match &job.errand {
            Errand::Sms { to, message } => (Some(message), to.as_str()),
            Errand::Email { to, message } => (Some(message), to.as_str()),
            Errand::Push { to, message } => (Some(message), to.endpoint()),
            Errand::Notice { notice, at } => {
                assert!(at.as_seconds() >= START);
                self.0.lock().unwrap().push((*notice, format!("the host of {}", job.owner.user_id())));
                (None, "")
            }
            _ => (None, ""),
        };
        if let Some(Message::Notice { notice, .. }) = message {
            assert_eq!(job.challenge, None);
            self.0.lock().unwrap().push((*notice, to.to_owned()));
        }
        Ok(Some(200))
    }
}

/// Dispatches everything. Returns the notices, in order of the receivers.
async fn told(challenges: &Challenges) -> Vec<(Notice, String)> {
    let mailbox = Mailbox::default();
    while challenges.outbox().dispatch(&mailbox, 100).await.unwrap().performed > 0 {}
    let mut told = mailbox.0.into_inner().unwrap();
    told.sort_by(|one, other| one.1.cmp(&other.1));
    told
}

/// Returns the notice to each of these receivers.
fn to(notice: Notice, receivers: &[&str]) -> Vec<(Notice, String)> {
    let mut receivers = receivers.to_vec();
    receivers.sort_unstable();
    receivers.into_iter().map(|receiver| (notice, receiver.to_owned())).collect()
}

fn address(text: &str) -> Address {
    match text {
        text if text.starts_with('+') => Address::Phone(text.parse().unwrap()),
        text if text.contains('@') => Address::Email(text.parse().unwrap()),
        text => Address::Push(PushSubscription::new(text, &"A".repeat(87), &"A".repeat(22)).unwrap()),
    }
}

async fn register(challenges: &Challenges, user: &str, text: &str) -> EndpointId {
    let registered = challenges.endpoints().register_confirmed(owner(user), &administrator(), address(text)).await;
    registered.unwrap().id()
}

/// Registers an address of each channel for alice, and one for bob. Sends what is queued by this.
async fn addresses(challenges: &Challenges) -> [EndpointId; 3] {
    let ids = [
        register(challenges, "alice", PHONE).await,
        register(challenges, "alice", EMAIL).await,
        register(challenges, "alice", PUSH).await,
    ];
    register(challenges, "bob", "bob@example.org").await;
    told(challenges).await;
    ids
}

async fn delete(challenges: &Challenges, id: EndpointId) -> Result<(), Error> {
    challenges.endpoints().delete(&owner("alice"), &administrator(), id).await
}

async fn queued(challenges: &Challenges) -> usize {
    challenges.outbox().list(None, None, 500).await.unwrap().len()
}

/// A service over any store, with the addresses of [`addresses`].
async fn over(store: impl Store) -> (Challenges, [EndpointId; 3]) {
    let challenges = service(store, Policy::default(), FakeClock::at(Timestamp::from_seconds(START)), ()).await;
    let ids = addresses(&challenges).await;
    (challenges, ids)
}

/// A commit that fails leaves neither the change nor a notice. A commit that takes effect leaves both.
#[tokio::test]
async fn change_and_notice_are_in_one_commit() {
    for (fault, applied) in [(Some(Fault::Before), false), (None, true)] {
        let store = Flaky::new(MemoryStore::new());
        let (challenges, [phone, ..]) = over(store.clone()).await;
        if let Some(fault) = fault {
            store.fail_every(Method::Commit, fault);
        }
        let deleted = delete(&challenges, phone).await;
        store.recover();
        assert_eq!(deleted.is_ok(), applied, "{deleted:?}");
        assert!(applied || matches!(deleted, Err(Error::Store(StoreError::Unavailable(_)))));
        let left = challenges.endpoints().list(&owner("alice"), None, 10).await.unwrap().len();
        assert_eq!((left, queued(&challenges).await), if applied { (2, 3) } else { (3, 0) });
    }
}

/// A lost reply to a commit that took effect queues no second notice.
#[tokio::test]
async fn lost_reply_queues_each_notice_once() {
    let store = Flaky::new(MemoryStore::new());
    let (challenges, _) = over(store.clone()).await;
    store.fail_nth(1, Fault::After);
    challenges.recovery_codes().generate(&owner("alice"), &administrator()).await.unwrap();
    store.recover();
    assert_eq!(told(&challenges).await, to(Notice::RecoveryCodesGenerated, &ALL));
}

/// A change takes a load and a commit, however many addresses are told.
#[tokio::test]
async fn notices_take_no_round_trip() {
    let store = Counting::new(MemoryStore::new());
    let (challenges, [phone, ..]) = over(store.clone()).await;
    let before = store.counts();
    delete(&challenges, phone).await.unwrap();
    let counts = store.counts() - before;
    assert_eq!((counts.load, counts.commit), (1, 1));
    assert_eq!(queued(&challenges).await, 3, "control: three notices");
}

/// Deletes an address twice at once. Returns the number of deletions and of notices of the deletion.
async fn race(store: impl Store) -> (usize, usize) {
    let (challenges, [phone, ..]) = over(Yielding::new(store)).await;
    let (one, other) = tokio::join!(delete(&challenges, phone), delete(&challenges, phone));
    (usize::from(one.is_ok()) + usize::from(other.is_ok()), queued(&challenges).await)
}

#[tokio::test]
async fn two_deletions_at_once_queue_one_notice() {
    assert_eq!(race(MemoryStore::new()).await, (1, 3));
}

/// Disables an address twice at once. Returns the number of notices.
async fn race_to_disable(store: impl Store) -> usize {
    let (challenges, [phone, ..]) = over(Yielding::new(store)).await;
    let disable = async || {
        challenges.endpoints().set_enabled(&owner("alice"), &administrator(), phone, false).await.unwrap();
    };
    tokio::join!(disable(), disable());
    queued(&challenges).await
}

/// With a negative control: both calls load before the first commits, so a store that ignores conflicts queues twice.
#[tokio::test]
async fn address_disabled_twice_at_once_queues_one_notice() {
    assert_eq!(race_to_disable(MemoryStore::new()).await, 3);
    assert_eq!(race_to_disable(DefectiveStore::new(Defect::IgnoresVersions)).await, 6, "control");
}

/// A thief who removes an address at once after another change stops no notice of that change.
#[tokio::test]
async fn queued_notice_reaches_an_address_deleted_since() {
    let host = Host::with_policy(Policy::default()).await;
    let ids = addresses(&host.challenges).await;
    let (totp, _) = host.enroll("alice").await;
    for id in ids {
        delete(&host.challenges, id).await.unwrap();
    }
    host.challenges.totp().delete(&owner("alice"), &administrator(), totp).await.unwrap();
    let told = told(&host.challenges).await;
    let added: Vec<_> = told.into_iter().filter(|(notice, _)| *notice == Notice::Added(TOTP)).collect();
    assert_eq!(added, to(Notice::Added(TOTP), &ALL));
}

/// R34: a notice is not pushed to a browser that another user has registered since.
#[tokio::test]
async fn notice_follows_no_subscription_to_another_user() {
    let host = Host::with_policy(Policy::default()).await;
    addresses(&host.challenges).await;
    host.enroll("alice").await;
    register(&host.challenges, "bob", PUSH).await;
    let told = told(&host.challenges).await;
    let pushed: Vec<_> = told.iter().filter(|(_, receiver)| receiver == PUSH).collect();
    assert!(pushed.is_empty(), "{pushed:?}");
    assert!(told.contains(&(Notice::Added(TOTP), EMAIL.to_owned())), "control: the others are told");
}

/// R28: a queued notice holds the address sealed.
#[tokio::test]
async fn address_of_a_queued_notice_is_sealed() {
    let host = Host::with_policy(Policy::default()).await;
    addresses(&host.challenges).await;
    host.enroll("alice").await;
    let records = host.records(Kind::Outbox).await;
    assert_eq!(records.len(), 3);
    for record in &records {
        let body = std::str::from_utf8(&record.body).unwrap();
        assert!(body.contains("added") && body.contains("totp"), "control: the body can be read: {body}");
        assert!(ALL.iter().all(|address| !body.contains(address)), "{body}");
    }
}

/// R72: an erasure deletes the queued notices.
#[tokio::test]
async fn erasure_deletes_queued_notices() {
    let host = Host::with_policy(Policy::default()).await;
    addresses(&host.challenges).await;
    host.enroll("alice").await;
    host.challenges.account(&owner("alice")).erase().await.unwrap();
    assert_eq!(told(&host.challenges).await, []);
}

/// An undelivered notice is attempted for a day, and then dropped.
#[tokio::test]
async fn late_notice_is_dropped() {
    for (hours, receivers) in [(23, ALL.as_slice()), (25, &[])] {
        let host = Host::with_policy(Policy::default()).await;
        addresses(&host.challenges).await;
        host.enroll("alice").await;
        host.clock.advance(Duration::from_secs(hours * 3_600));
        assert_eq!(told(&host.challenges).await, to(Notice::Added(TOTP), receivers));
        assert_eq!(queued(&host.challenges).await, 0);
    }
}
