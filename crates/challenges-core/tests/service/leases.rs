//! Leases of outbox entries: takeovers, crashes, faults, and concurrent dispatchers.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::approvals::OneTimeUseAction;
use challenges_core::outbox::{Courier, Failure, Job, Retry};
use challenges_core::{Challenges, KeyRing, Policy, Timeout};
use challenges_memory::MemoryStore;
use challenges_testkit::{Fault, Flaky, Yielding};
use futures::FutureExt as _;
use proptest::prelude::*;
use tokio::sync::Notify;

use crate::courier::{Scripted, Step, actor, decided};
use crate::harness::{Host, Seen, owner, service};

const LEASE: Duration = Duration::from_secs(30);
const LONG: Duration = Duration::from_secs(3_600);

/// R52: the next dispatcher performs the entry under the same idempotency key.
#[tokio::test]
async fn expired_lease_is_taken_over() {
    let host = Host::new().await;
    let id = decided(&host.challenges, 1, true).await;
    let (hanging, sound) = (Scripted::new(&host.clock, [Step::Hang]), Scripted::new(&host.clock, []));
    let mut first = Box::pin(host.challenges.outbox().dispatch(&hanging, 10));
    assert!((&mut first).now_or_never().is_none());
    assert_eq!(host.challenges.outbox().dispatch(&sound, 10).await.unwrap().performed, 0, "the entry is leased");
    host.clock.advance(LEASE);
    assert_eq!(host.challenges.outbox().dispatch(&sound, 10).await.unwrap().performed, 1);
    let (before, after) = (hanging.done(), sound.done());
    assert_eq!(before, after, "both attempts have the same idempotency key");
    assert_eq!(sound.attempts(), [(after[0].key, 2)]);
    assert_eq!(host.challenges.actions().results(id).await.unwrap().len(), 1);
}

/// R52: the result is stored while no other dispatcher holds the entry.
#[tokio::test]
async fn late_result_counts_without_a_takeover() {
    let host = Host::new().await;
    decided(&host.challenges, 1, true).await;
    let late = Scripted::new(&host.clock, [Step::Late(LEASE * 2)]);
    assert_eq!(host.challenges.outbox().dispatch(&late, 10).await.unwrap().performed, 1);
    assert!(host.challenges.outbox().list(None, None, 10).await.unwrap().is_empty());
}

/// R52: whether the late result is a success or a failure.
#[tokio::test]
async fn late_result_is_ignored_after_takeover() {
    for result in [Ok(()), Err(Retry::Never), Err(Retry::Later(None)), Err(Retry::AddressGone)] {
        let host = Host::new().await;
        let id = decided(&host.challenges, 1, true).await;
        let gate = Gate::new(result);
        let mut first = Box::pin(host.challenges.outbox().dispatch(&gate, 10));
        assert!((&mut first).now_or_never().is_none());
        host.clock.advance(LEASE);
        let other = Scripted::new(&host.clock, [Step::Perform(201)]);
        assert_eq!(host.challenges.outbox().dispatch(&other, 10).await.unwrap().performed, 1);
        host.seen.take();
        gate.open.notify_one();
        assert_eq!(first.await.unwrap().lost, 1);
        assert_eq!(host.seen.take(), []);
        let results = host.challenges.actions().results(id).await.unwrap();
        let results: Vec<_> = results.iter().map(|result| (result.performed, result.status)).collect();
        assert_eq!(results, [(true, Some(201))]);
        assert!(host.challenges.outbox().dead_letters(None, None, 10).await.unwrap().is_empty());
    }
}

/// R52: the second dispatcher stores the result.
#[tokio::test]
async fn late_result_is_ignored_during_another_attempt() {
    let host = Host::new().await;
    let id = decided(&host.challenges, 1, true).await;
    let gate = Gate::new(Ok(()));
    let mut first = Box::pin(host.challenges.outbox().dispatch(&gate, 10));
    assert!((&mut first).now_or_never().is_none());
    host.clock.advance(LEASE);
    let hanging = Scripted::new(&host.clock, [Step::Hang]);
    let mut second = Box::pin(host.challenges.outbox().dispatch(&hanging, 10));
    assert!((&mut second).now_or_never().is_none());
    gate.open.notify_one();
    assert_eq!(first.await.unwrap().lost, 1);
    assert!(host.challenges.actions().results(id).await.unwrap().is_empty());
    let entries = host.challenges.outbox().list(None, None, 10).await.unwrap();
    assert_eq!(entries.len(), 1, "the second dispatcher still holds the entry");
}

/// A lease longer than any retry is not mistaken for a time of a clock that ran ahead.
#[tokio::test]
async fn lease_longer_than_retries_stays() {
    let mut policy = Policy::default();
    policy.dispatch.lease = LONG;
    policy.dispatch.longest_retry = policy.dispatch.first_retry;
    let host = Host::with_policy(policy).await;
    decided(&host.challenges, 1, true).await;
    let hanging = Scripted::new(&host.clock, [Step::Hang]);
    let mut held = Box::pin(host.challenges.outbox().dispatch(&hanging, 10));
    assert!((&mut held).now_or_never().is_none());
    let until = host.now().after(LONG);
    assert_eq!(host.challenges.outbox().next_due().await.unwrap(), Some(until));
}

/// A courier that returns its result once the gate is open.
#[derive(Debug)]
struct Gate {
    open: Notify,
    result: Result<(), Retry>,
}

impl Gate {
    fn new(result: Result<(), Retry>) -> Self {
        Self { open: Notify::new(), result }
    }
}

#[async_trait]
impl Courier for Gate {
    async fn perform(&self, _: &Job) -> Result<Option<u16>, Failure> {
        self.open.notified().await;
        match self.result {
            Ok(()) => Ok(Some(200)),
            Err(then) => Err(Failure::new(then, "too late")),
        }
    }
}

/// R52: receivers recognize a repeated attempt by its key.
#[tokio::test]
async fn crash_repeats_attempts_under_the_same_keys() {
    let host = Host::new().await;
    decided(&host.challenges, 3, true).await;
    let hanging = Scripted::new(&host.clock, [Step::Hang, Step::Hang, Step::Hang]);
    // Dropping the future in the middle of an attempt stands for a crash.
    assert!(host.challenges.outbox().dispatch(&hanging, 10).now_or_never().is_none());
    let keys: BTreeSet<_> = hanging.done().into_iter().map(|effect| effect.key).collect();
    assert_eq!(keys.len(), 3);
    host.clock.advance(LEASE);
    let restarted = service(host.store.clone(), Policy::default(), host.clock.clone(), host.seen.clone()).await;
    let sound = Scripted::new(&host.clock, []);
    assert_eq!(restarted.outbox().dispatch(&sound, 10).await.unwrap().performed, 3);
    assert_eq!(sound.done().into_iter().map(|effect| effect.key).collect::<BTreeSet<_>>(), keys);
}

/// R53: an entry that crashes its process becomes a dead letter in the end.
#[tokio::test]
async fn crashes_count_as_attempts() {
    let mut policy = Policy::default();
    policy.dispatch.attempts = 3;
    let host = Host::with_policy(policy).await;
    let id = decided(&host.challenges, 1, true).await;
    for _ in 0..3 {
        let hanging = Scripted::new(&host.clock, [Step::Hang]);
        assert!(host.challenges.outbox().dispatch(&hanging, 10).now_or_never().is_none());
        host.clock.advance(LEASE);
    }
    let sound = Scripted::new(&host.clock, []);
    assert_eq!(host.challenges.outbox().dispatch(&sound, 10).await.unwrap().dead, 1);
    assert!(sound.done().is_empty());
    assert!(!host.challenges.actions().results(id).await.unwrap()[0].performed);
}

/// R9, R52: a fault at any store call of a dispatch loses no entry, and stores each result once.
#[tokio::test]
async fn store_faults_during_dispatch_lose_nothing() {
    for fault in [Fault::Before, Fault::After] {
        for index in 0..12 {
            let host = Host::new().await;
            let flaky = Flaky::sharing(Arc::clone(&host.store));
            let faulty = service(flaky.clone(), Policy::default(), host.clock.clone(), ()).await;
            let id = decided(&host.challenges, 2, true).await;
            let courier = Scripted::new(&host.clock, []);
            flaky.fail_nth(index, fault);
            let _ = faulty.outbox().dispatch(&courier, 10).await;
            flaky.recover();
            host.clock.advance(LONG);
            faulty.outbox().dispatch(&courier, 10).await.unwrap();
            let keys: BTreeSet<_> = courier.done().into_iter().map(|effect| effect.key).collect();
            assert_eq!(keys.len(), 2, "call {index}, {fault:?}");
            let entries = host.challenges.outbox().list(None, None, 10).await.unwrap();
            assert!(entries.is_empty(), "call {index}, {fault:?}");
            assert_eq!(host.challenges.actions().results(id).await.unwrap().len(), 2);
        }
    }
}

/// R52: negative control. While leases last, no entry is performed twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_dispatchers_perform_each_entry_once() {
    let host = Host::new().await;
    let store = Arc::new(Yielding::sharing(Arc::clone(&host.store)));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..40 {
        decided(&host.challenges, 5, true).await;
    }
    let courier = Scripted::new(&host.clock, []);
    for _ in 0..2 {
        let challenges = service(Arc::clone(&store), Policy::default(), host.clock.clone(), ()).await;
        let courier = courier.clone();
        tasks.spawn(async move {
            let mut performed = 0;
            loop {
                let done = challenges.outbox().dispatch(&courier, 16).await.unwrap();
                performed += done.performed;
                if done.next.is_none() {
                    return performed;
                }
            }
        });
    }
    assert_eq!(tasks.join_all().await.into_iter().sum::<usize>(), 200);
    let keys: BTreeSet<_> = courier.done().into_iter().map(|effect| effect.key).collect();
    assert_eq!((keys.len(), courier.done().len()), (200, 200));
}

/// R29: the entry waits for a dispatcher with the key, and delays no other entry.
#[tokio::test]
async fn unreadable_entry_is_postponed() {
    let host = Host::new().await;
    let keys: KeyRing =
        "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n*k2:HwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
            .parse()
            .unwrap();
    let newer = Challenges::builder(host.store.clone(), keys).clock(host.clock.clone()).build().await.unwrap();
    decided(&host.challenges, 1, true).await;
    decided(&newer, 1, true).await;
    host.seen.take();
    let courier = Scripted::new(&host.clock, []);
    let done = host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    assert_eq!((done.unreadable, done.performed), (1, 1));
    assert!(host.seen.take().contains(&Seen::Unreadable));
    assert_eq!(host.challenges.outbox().dispatch(&courier, 10).await.unwrap().unreadable, 0, "the entry is not due");
    for _ in 0..40 {
        host.clock.advance(Duration::from_secs(120));
        let done = host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
        assert_eq!(done.unreadable, 1, "the entry stays however often it was read");
    }
    host.clock.advance(Duration::from_secs(120));
    let done = newer.outbox().dispatch(&courier, 10).await.unwrap();
    assert_eq!(done.performed, 1, "a dispatcher with the key performs the entry");
    assert_eq!(courier.attempts().last().unwrap().1, 1, "a failed read is no attempt");
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Decide(bool),
    CreateUndecided,
    Dispatch,
    Crash,
    Fail,
    DropAfterEffect,
    Never,
    Wait(u64),
    FailStoreCall(usize, bool),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        any::<bool>().prop_map(Op::Decide),
        Just(Op::CreateUndecided),
        Just(Op::Dispatch),
        Just(Op::Crash),
        Just(Op::Fail),
        Just(Op::DropAfterEffect),
        Just(Op::Never),
        (1_u64..120).prop_map(Op::Wait),
        (0_usize..8, any::<bool>()).prop_map(|(index, after)| Op::FailStoreCall(index, after)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// R52, R53: after any sequence of failures,
    ///
    /// - each action of a decided challenge was performed at least once, and no other action was,
    /// - all attempts at an action had the same key,
    /// - each action has one result.
    #[test]
    fn decided_actions_are_performed_at_least_once(
        ops in proptest::collection::vec(op(), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(&ops)).map_err(TestCaseError::fail)?;
    }
}

async fn run(ops: &[Op]) -> Result<(), String> {
    let host = Host::new().await;
    let flaky = Flaky::sharing(Arc::<MemoryStore>::clone(&host.store));
    let faulty = service(flaky.clone(), Policy::default(), host.clock.clone(), ()).await;
    let courier = Scripted::new(&host.clock, []);
    let mut decisions = Vec::new();
    for op in ops {
        match *op {
            Op::Decide(approved) => decisions.push(decided(&host.challenges, 2, approved).await),
            Op::CreateUndecided => {
                let action = OneTimeUseAction::new(vec![actor("alice")], Timeout::from_seconds(600).unwrap());
                let _ = host.challenges.actions().create(owner("alice"), action).await.unwrap();
            }
            Op::Dispatch => {
                let _ = faulty.outbox().dispatch(&courier, 3).await;
                flaky.recover();
            }
            Op::Crash => {
                let hanging = Scripted::new(&host.clock, [Step::Hang, Step::Hang]);
                let _ = faulty.outbox().dispatch(&hanging, 2).now_or_never();
                flaky.recover();
            }
            Op::Fail => courier.script([Step::Fail(Retry::Later(None))]),
            Op::DropAfterEffect => courier.script([Step::DropAfterEffect]),
            Op::Never => courier.script([Step::Fail(Retry::Never)]),
            Op::Wait(seconds) => drop(host.clock.advance(Duration::from_secs(seconds))),
            Op::FailStoreCall(index, after) => flaky.fail_nth(index, if after { Fault::After } else { Fault::Before }),
        }
    }
    flaky.recover();
    let sound = Scripted::new(&host.clock, []);
    for _ in 0..50 {
        for letter in host.challenges.outbox().dead_letters(None, None, 500).await.unwrap() {
            host.challenges.outbox().retry(letter.unwrap().id).await.unwrap();
        }
        host.clock.advance(LONG);
        if host.challenges.outbox().dispatch(&sound, 500).await.unwrap().next.is_none() {
            break;
        }
    }
    let done: Vec<_> = courier.done().into_iter().chain(sound.done()).collect();
    for effect in &done {
        let same = done.iter().filter(|other| other.key == effect.key).all(|other| other == effect);
        if !same {
            return Err(format!("two effects share the key of {effect:?}"));
        }
    }
    let keys: BTreeSet<_> = done.iter().map(|effect| effect.key).collect();
    if keys.len() > 2 * decisions.len() {
        return Err(format!("{} decisions performed {} actions", decisions.len(), keys.len()));
    }
    let mut completed = BTreeSet::new();
    for id in decisions {
        let results = host.challenges.actions().results(id).await.unwrap();
        if results.len() != 2 || !results.iter().all(|result| result.performed) {
            return Err(format!("the results are {results:?}"));
        }
        completed.extend(results.iter().map(|result| result.entry));
    }
    if completed.is_subset(&keys) { Ok(()) } else { Err("a result has no effect".to_owned()) }
}
