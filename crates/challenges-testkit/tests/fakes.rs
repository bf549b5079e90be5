//! Tests of the fakes and wrappers.
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use challenges_core::entropy::Entropy;
use challenges_core::store::Id;
use challenges_core::store::{Batch, Commit, Key, Kind, Load, Record, StoreError, Write};
use challenges_core::time::Clock;
use challenges_core::{Store, Timestamp};
use challenges_testkit::conformance::{self, Suite, survives_reopen};
use challenges_testkit::{
    Call, Counting, Counts, Defect, DefectiveStore, FailingEntropy, FakeClock, Fault, Flaky, Method, SeededEntropy,
    Yielding,
};

fn key() -> Key {
    Key::new(Kind::Counters, Id::new(Timestamp::default(), 1, 1))
}

fn create() -> Batch {
    let record = Record { key: key(), due: None, expires: None, body: "{}".into() };
    Batch::new([1; 16], vec![Write::create(record)]).unwrap()
}

async fn exists(store: &dyn Store) -> bool {
    store.load(&Load::key(key())).await.unwrap().iter().any(|stored| stored.record.key == key())
}

#[tokio::test]
async fn fault_after_commits_and_fault_before_does_not() {
    let inner = Arc::new(DefectiveStore::sound());
    let flaky = Flaky::sharing(Arc::clone(&inner));
    flaky.fail_next(Fault::Before);
    assert!(matches!(flaky.commit(create()).await, Err(StoreError::Unavailable(_))));
    assert!(!exists(&*inner).await);
    flaky.fail_next(Fault::After);
    assert!(matches!(flaky.commit(create()).await, Err(StoreError::OutcomeUnknown(_))));
    assert!(exists(&*inner).await);
    assert_eq!(flaky.commit(create()).await.unwrap(), Commit::Conflict);
}

#[tokio::test]
async fn faults_follow_the_plan() {
    let flaky = Flaky::new(DefectiveStore::sound());
    flaky.fail_nth(1, Fault::Before);
    assert!(flaky.load(&Load::key(key())).await.is_ok());
    assert!(flaky.load(&Load::key(key())).await.is_err());
    assert!(flaky.load(&Load::key(key())).await.is_ok());

    flaky.clone().fail_every(Method::List, Fault::After);
    assert!(matches!(flaky.list(Kind::Counters, None, None, 1).await, Err(StoreError::Unavailable(_))));
    assert!(flaky.due(Kind::Counters, 0..1, Timestamp::MAX, 1).await.is_ok());
    assert_eq!(flaky.calls(), 5);

    flaky.fail_when(|Call { index, method }| (index == 5 && method == Method::Purge).then_some(Fault::Before));
    assert!(flaky.purge(0..1, Timestamp::MAX, 1).await.is_err());
    flaky.recover();
    assert!(flaky.list(Kind::Counters, None, None, 1).await.is_ok());
}

#[tokio::test]
async fn calls_and_conflicts_are_counted() {
    let store = Counting::new(DefectiveStore::sound());
    let counted = store.clone();
    assert_eq!(store.commit(create()).await.unwrap(), Commit::Applied);
    assert_eq!(store.commit(create()).await.unwrap(), Commit::Conflict);
    exists(&store).await;
    store.purge(0..1, Timestamp::MAX, 1).await.unwrap();
    assert_eq!(counted.counts(), Counts { load: 1, commit: 2, conflict: 1, purge: 1, ..Counts::default() });
}

#[tokio::test]
async fn wrapped_stores_pass_the_suite() {
    let wrapped = || async { Flaky::new(Counting::new(Yielding::new(DefectiveStore::sound()))) };
    let failures = Suite::new(wrapped).rounds(2).failures().await;
    assert!(failures.is_empty(), "{failures:?}");
}

#[tokio::test]
#[should_panic(expected = "the store breaks the contract")]
async fn run_panics_on_a_defective_store() {
    conformance::run(|| async { DefectiveStore::new(Defect::ForgetsWrites) }).await;
}

#[tokio::test]
async fn reopen_check_detects_lost_records() {
    let store = Arc::new(DefectiveStore::sound());
    let again = Arc::clone(&store);
    survives_reopen(Yielding::sharing(store), || async { Yielding::sharing(again) }).await.unwrap();
    let new = || async { DefectiveStore::sound() };
    assert!(survives_reopen(DefectiveStore::sound(), new).await.is_err());
}

#[test]
fn clock_stands_still_and_saturates() {
    let clock = FakeClock::default();
    assert_eq!(clock.now(), Timestamp::default());
    assert_eq!(clock.advance(Duration::from_millis(5)), Timestamp::from_millis(5));
    assert_eq!(clock.clone().now(), Timestamp::from_millis(5));
    clock.set(Timestamp::MAX);
    assert_eq!(clock.advance(Duration::from_secs(1)), Timestamp::MAX);
}

#[test]
fn entropy_is_seeded_or_fails() {
    let draw = |entropy: &SeededEntropy| {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes).unwrap();
        bytes
    };
    let (one, same, other) = (SeededEntropy::new(1), SeededEntropy::new(1), SeededEntropy::new(2));
    let first = draw(&one);
    assert_eq!(first, draw(&same));
    assert_ne!(first, draw(&other));
    assert_ne!(first, draw(&one));
    assert!(FailingEntropy.fill(&mut [0; 1]).is_err());
}
