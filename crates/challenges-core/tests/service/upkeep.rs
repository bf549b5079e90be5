//! The upkeep task, and the check for load balancers.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use challenges_core::store::{Batch, Kind, Load, Write};
use challenges_core::{ChallengeType, Challenges, Error, Observation, Observer, Policy, Store as _};
use challenges_memory::MemoryStore;
use challenges_testkit::{Fault, Flaky, Method, administrator};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;

use crate::harness::{Host, owner, records_of, service};
use crate::rotation::{OLD, both, only_new};

/// A step of the upkeep, with the time since the start of the test.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Swept(usize),
    /// A page of a reseal walk, and whether the walk is done.
    Resealed(bool),
    Failed(Duration),
}

/// Sends the steps of the upkeep to the test.
#[derive(Debug)]
struct Steps(UnboundedSender<(Duration, Step)>, Instant);

impl Observer for Steps {
    fn observe(&self, observation: &Observation<'_>) {
        let step = match observation {
            Observation::Swept { records, .. } => Step::Swept(*records),
            Observation::Resealed { report, .. } => Step::Resealed(report.done),
            Observation::UpkeepFailed { pause, .. } => Step::Failed(*pause),
            _ => return,
        };
        let _ = self.0.send((self.1.elapsed(), step));
    }
}

fn steps() -> (Steps, UnboundedReceiver<(Duration, Step)>) {
    let (sender, receiver) = unbounded_channel();
    (Steps(sender, Instant::now()), receiver)
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Creates as many challenges as the user may have open, and lets all expire.
async fn expire(host: &Host, challenges: usize) {
    for number in 0..challenges {
        let _ = host.create(&format!("user{}", number / 200), ChallengeType::Code).await;
    }
    host.clock.advance(seconds(3 * 86_400));
}

/// Expired records of every number of slices are deleted in each interval, by the clock of the service.
#[tokio::test(start_paused = true)]
async fn expired_records_are_deleted_every_interval() {
    let host = Host::new().await;
    expire(&host, 401).await;
    let (observer, mut seen) = steps();
    let challenges = service(host.store.clone(), Policy::default(), host.clock.clone(), observer).await;
    let upkeep = challenges.spawn_upkeep();
    assert_eq!(upkeep.last_success(), None, "the task has not begun");
    let mut swept = 0;
    while let Some((at, Step::Swept(records))) = seen.recv().await {
        assert_eq!(at, Duration::ZERO, "the first sweep begins at once");
        swept += records;
        if records < 200 {
            break;
        }
    }
    assert!(swept > 401, "{swept}: the counters expire too");
    assert!(records_of(&host.store, Kind::Challenge).await.is_empty());
    assert_eq!(seen.recv().await.unwrap(), (seconds(60), Step::Swept(0)));
    assert_eq!(upkeep.last_success(), Some(host.now()));

    expire(&host, 1).await;
    assert_eq!(seen.recv().await.unwrap(), (seconds(120), Step::Swept(2)));
    tokio::task::yield_now().await;
    assert_eq!(upkeep.last_success(), Some(host.now()));
}

/// Failures are observed and retried with growing pauses. Meanwhile the last success stays behind.
#[tokio::test(start_paused = true)]
async fn failed_sweep_is_retried_with_growing_pauses() {
    let host = Host::new().await;
    let (observer, mut seen) = steps();
    let store = Flaky::sharing(host.store.clone());
    let challenges = service(store.clone(), Policy::default(), host.clock.clone(), observer).await;
    let upkeep = challenges.spawn_upkeep();
    assert_eq!(seen.recv().await.unwrap(), (Duration::ZERO, Step::Swept(0)));
    tokio::task::yield_now().await;
    let before = upkeep.last_success();
    assert_eq!(before, Some(host.now()));
    host.clock.advance(seconds(3_600));
    store.fail_every(Method::Purge, Fault::Before);
    let mut at = seconds(60);
    for pause in [1, 2, 4, 8, 16, 32, 60, 60].map(seconds) {
        assert_eq!(seen.recv().await.unwrap(), (at, Step::Failed(pause)));
        at += pause;
    }
    assert_eq!(upkeep.last_success(), before, "a host sees that nothing is swept");
    store.recover();
    assert_eq!(seen.recv().await.unwrap(), (at, Step::Swept(0)));
    tokio::task::yield_now().await;
    assert_eq!(upkeep.last_success(), Some(host.now()));
    store.fail_every(Method::Purge, Fault::Before);
    assert_eq!(seen.recv().await.unwrap(), (at + seconds(60), Step::Failed(seconds(1))), "the pauses start over");
}

/// A dropped handle stops the task, and so does `stop`.
#[tokio::test(start_paused = true)]
async fn upkeep_ends_with_its_handle() {
    for drops in [false, true] {
        let (observer, mut seen) = steps();
        let clock = Host::new().await.clock;
        let challenges = service(MemoryStore::new(), Policy::default(), clock, observer).await;
        let upkeep = challenges.spawn_upkeep();
        assert_eq!(seen.recv().await.unwrap().1, Step::Swept(0));
        assert_eq!(seen.recv().await.unwrap().1, Step::Swept(0), "control: it goes on while the handle lives");
        if drops {
            drop(upkeep);
        } else {
            upkeep.stop().await;
        }
        drop(challenges);
        // The observer is dropped with the last service, so the task holds none any more.
        assert_eq!(seen.recv().await, None);
    }
}

/// A walk is made when asked, again after an hour if codes still need the old key, and not any more once done.
#[tokio::test(start_paused = true)]
async fn records_are_sealed_again_when_asked() {
    let host = Host::new().await;
    for user in 0..300 {
        let _ = host.challenges.totp().create(owner(&format!("user{user}")), &administrator()).await.unwrap();
    }
    let _ = host.create("user0", ChallengeType::Code).await;
    let (observer, mut seen) = steps();
    let mut policy = Policy::default();
    policy.sweep_interval = seconds(86_400);
    let store = Flaky::sharing(host.store.clone());
    let builder = Challenges::builder(store.clone(), both().parse().unwrap()).policy(policy);
    let challenges = builder.clock(host.clock.clone()).observer(observer).build().await.unwrap();
    let upkeep = challenges.spawn_upkeep();
    assert_eq!(seen.recv().await.unwrap(), (Duration::ZERO, Step::Swept(0)));
    assert_eq!(seen.recv().await.unwrap().0, seconds(86_400), "control: no walk without being asked");

    store.fail_nth(1, Fault::Before);
    upkeep.reseal();
    let (start, failed) = seen.recv().await.unwrap();
    assert_eq!(failed, Step::Failed(seconds(1)));
    let mut last = start;
    let (at, first) = seen.recv().await.unwrap();
    assert_eq!((at, first), (start + seconds(1), Step::Resealed(false)));
    while last < start + seconds(3_600) {
        let (at, step) = seen.recv().await.unwrap();
        assert_eq!(step, Step::Resealed(false), "the code of the challenge needs the old key");
        last = at;
    }
    host.clock.advance(seconds(3 * 86_400));
    loop {
        match seen.recv().await.unwrap().1 {
            Step::Resealed(true) => break,
            Step::Resealed(false) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(host.restarted(&only_new()).await.is_ok(), "the old key {OLD:?} is not needed");
    assert!(matches!(seen.recv().await.unwrap().1, Step::Swept(_)), "a walk that is done is not repeated");
}

/// The check costs one load, and tells a store that does not answer, was emptied, replaced, or moved to another key.
#[tokio::test]
async fn check_needs_the_store_of_the_start() {
    let host = Host::new().await;
    let store = Flaky::sharing(host.store.clone());
    let challenges = service(store.clone(), Policy::default(), host.clock.clone(), ()).await;
    let calls = Arc::new(Mutex::new(Vec::new()));
    let made = calls.clone();
    store.fail_when(move |call| {
        made.lock().unwrap().push(call.method);
        None
    });
    challenges.check().await.unwrap();
    assert_eq!(*calls.lock().unwrap(), [Method::Load]);
    store.fail_every(Method::Load, Fault::Before);
    assert!(matches!(challenges.check().await, Err(Error::Store(_))));
    store.recover();

    // Another process has moved the store to a new key, which this one lacks.
    let rotated = host.restarted(&both()).await.unwrap();
    assert!(rotated.challenges.reseal(None, 500).await.unwrap().done);
    assert!(matches!(challenges.check().await, Err(Error::OtherKeys(_))));
    rotated.challenges.check().await.unwrap();

    // Another store under the same keys.
    let emptied = delete_salt(&host).await;
    assert!(matches!(rotated.challenges.check().await, Err(Error::Forgetful)), "{emptied:?}");
    let other = Challenges::builder(host.store.clone(), both().parse().unwrap()).build().await.unwrap();
    assert!(matches!(rotated.challenges.check().await, Err(Error::Forgetful)));
    other.check().await.unwrap();
}

async fn delete_salt(host: &Host) -> [u8; 16] {
    let salt = records_of(&host.store, Kind::Salt).await[0].key;
    let version = host.store.load(&Load::key(salt)).await.unwrap().pop().unwrap().version;
    let batch = Batch::new([9; 16], vec![Write::delete(salt, version)]).unwrap();
    let _ = host.store.commit(batch).await.unwrap();
    version
}
