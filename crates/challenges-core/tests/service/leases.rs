use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use challenges_core::{Challenges, KeyRing, Policy, Retry};
use challenges_memory::MemoryStore;
use challenges_testkit::{Fault, Flaky, Yielding};
use futures::FutureExt as _;
use proptest::prelude::*;

use crate::courier::{Scripted, Step, decided};
use crate::harness::{Host, Seen, service};

const LEASE: Duration = Duration::from_secs(30);
const LONG: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn r52_another_dispatcher_takes_over_what_hangs_beyond_its_lease_and_the_first_settles_nothing() {
    let host = Host::new().await;
    let id = decided(&host.challenges, 1, true).await;
    let (hanging, sound) = (Scripted::new(&host.clock, [Step::Hang]), Scripted::new(&host.clock, []));
    let mut first = Box::pin(host.challenges.dispatch(&hanging, 10));
    assert!((&mut first).now_or_never().is_none());
    assert_eq!(host.challenges.dispatch(&sound, 10).await.unwrap().performed, 0, "it is leased");
    host.clock.advance(LEASE);
    assert_eq!(host.challenges.dispatch(&sound, 10).await.unwrap().performed, 1);
    let (before, after) = (hanging.done(), sound.done());
    assert_eq!(before, after, "the same key");
    assert_eq!(sound.attempts(), [(after[0].key, 2)]);
    assert_eq!(host.challenges.action_results(id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn r52_an_answer_that_comes_after_the_lease_settles_only_what_nobody_took_over() {
    // Nobody took it over: the answer still counts.
    let host = Host::new().await;
    decided(&host.challenges, 1, true).await;
    let late = Scripted::new(&host.clock, [Step::Late(LEASE * 2)]);
    assert_eq!(host.challenges.dispatch(&late, 10).await.unwrap().performed, 1);
    assert!(host.challenges.outbox(None, None, 10).await.unwrap().is_empty());

    // Somebody did: what the first says changes nothing, be it that it failed for good.
    for ending in [Ok(()), Err(Retry::Never), Err(Retry::Later(None)), Err(Retry::AddressGone)] {
        let host = Host::new().await;
        let id = decided(&host.challenges, 1, true).await;
        let gate = Gate::new(ending);
        let mut first = Box::pin(host.challenges.dispatch(&gate, 10));
        assert!((&mut first).now_or_never().is_none());
        host.clock.advance(LEASE);
        let other = Scripted::new(&host.clock, [Step::Perform(201)]);
        assert_eq!(host.challenges.dispatch(&other, 10).await.unwrap().performed, 1);
        host.seen.take();
        gate.open.notify_one();
        assert_eq!(first.await.unwrap().lost, 1);
        assert_eq!(host.seen.take(), []);
        let results = host.challenges.action_results(id).await.unwrap();
        let results: Vec<_> = results.iter().map(|result| (result.performed, result.status)).collect();
        assert_eq!(results, [(true, Some(201))]);
        assert!(host.challenges.dead_letters(None, None, 10).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn r52_an_answer_that_comes_while_somebody_else_is_at_it_settles_nothing() {
    let host = Host::new().await;
    let id = decided(&host.challenges, 1, true).await;
    let gate = Gate::new(Ok(()));
    let mut first = Box::pin(host.challenges.dispatch(&gate, 10));
    assert!((&mut first).now_or_never().is_none());
    host.clock.advance(LEASE);
    let hanging = Scripted::new(&host.clock, [Step::Hang]);
    let mut second = Box::pin(host.challenges.dispatch(&hanging, 10));
    assert!((&mut second).now_or_never().is_none());
    gate.open.notify_one();
    assert_eq!(first.await.unwrap().lost, 1);
    assert!(host.challenges.action_results(id).await.unwrap().is_empty());
    assert_eq!(host.challenges.outbox(None, None, 10).await.unwrap().len(), 1, "it is the second's to settle");
}

/// A courier that answers once it is let.
#[derive(Debug)]
struct Gate {
    open: tokio::sync::Notify,
    ending: Result<(), Retry>,
}

impl Gate {
    fn new(ending: Result<(), Retry>) -> Self {
        Self { open: tokio::sync::Notify::new(), ending }
    }
}

#[async_trait::async_trait]
impl challenges_core::Courier for Gate {
    async fn perform(&self, _: &challenges_core::Job) -> Result<challenges_core::Receipt, challenges_core::Failure> {
        self.open.notified().await;
        match self.ending {
            Ok(()) => Ok(challenges_core::Receipt::of_status(200)),
            Err(then) => Err(challenges_core::Failure::new(then, "too late")),
        }
    }
}

#[tokio::test]
async fn r52_what_a_crash_cut_off_is_performed_again_under_the_same_key() {
    let host = Host::new().await;
    decided(&host.challenges, 3, true).await;
    let hanging = Scripted::new(&host.clock, [Step::Hang, Step::Hang, Step::Hang]);
    assert!(host.challenges.dispatch(&hanging, 10).now_or_never().is_none(), "dropped while it performs");
    let keys: BTreeSet<_> = hanging.done().into_iter().map(|effect| effect.key).collect();
    assert_eq!(keys.len(), 3);
    host.clock.advance(LEASE);
    let restarted = service(host.store.clone(), Policy::default(), host.clock.clone(), host.seen.clone()).await;
    let sound = Scripted::new(&host.clock, []);
    assert_eq!(restarted.dispatch(&sound, 10).await.unwrap().performed, 3);
    assert_eq!(sound.done().into_iter().map(|effect| effect.key).collect::<BTreeSet<_>>(), keys);
}

#[tokio::test]
async fn r53_crashes_use_attempts_up_so_that_what_brings_a_process_down_ends() {
    let mut policy = Policy::default();
    policy.dispatch.attempts = 3;
    let host = Host::with_policy(policy).await;
    let id = decided(&host.challenges, 1, true).await;
    for _ in 0..3 {
        let hanging = Scripted::new(&host.clock, [Step::Hang]);
        assert!(host.challenges.dispatch(&hanging, 10).now_or_never().is_none());
        host.clock.advance(LEASE);
    }
    let sound = Scripted::new(&host.clock, []);
    assert_eq!(host.challenges.dispatch(&sound, 10).await.unwrap().dead, 1);
    assert!(sound.done().is_empty());
    assert!(!host.challenges.action_results(id).await.unwrap()[0].performed);
}

#[tokio::test]
async fn r9_r52_a_fault_at_any_call_of_a_dispatch_loses_nothing_and_settles_once() {
    for fault in [Fault::Before, Fault::After] {
        for index in 0..12 {
            let host = Host::new().await;
            let flaky = Flaky::sharing(Arc::clone(&host.store));
            let faulty = service(flaky.clone(), Policy::default(), host.clock.clone(), ()).await;
            let id = decided(&host.challenges, 2, true).await;
            let courier = Scripted::new(&host.clock, []);
            flaky.fail_nth(index, fault);
            let _ = faulty.dispatch(&courier, 10).await;
            flaky.recover();
            host.clock.advance(LONG);
            faulty.dispatch(&courier, 10).await.unwrap();
            let keys: BTreeSet<_> = courier.done().into_iter().map(|effect| effect.key).collect();
            assert_eq!(keys.len(), 2, "call {index}, {fault:?}");
            assert!(host.challenges.outbox(None, None, 10).await.unwrap().is_empty(), "call {index}, {fault:?}");
            assert_eq!(host.challenges.action_results(id).await.unwrap().len(), 2);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_dispatchers_share_the_work_and_perform_each_entry_once_while_leases_last() {
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
                let done = challenges.dispatch(&courier, 16).await.unwrap();
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

#[tokio::test]
async fn r29_an_entry_that_cannot_be_read_here_is_put_off_and_holds_nobody_up() {
    let host = Host::new().await;
    let keys: KeyRing =
        "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n*k2:HwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
            .parse()
            .unwrap();
    let newer = Challenges::builder(host.store.clone(), keys).clock(host.clock.clone()).build().await.unwrap();
    decided(&newer, 1, true).await;
    decided(&host.challenges, 1, true).await;
    host.seen.take();
    let courier = Scripted::new(&host.clock, []);
    let done = host.challenges.dispatch(&courier, 10).await.unwrap();
    assert_eq!((done.unreadable, done.performed), (1, 1));
    assert!(host.seen.take().contains(&Seen::Unreadable));
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().unreadable, 0, "put off");
    for _ in 0..40 {
        host.clock.advance(Duration::from_secs(120));
        assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().unreadable, 1, "however often: it stays");
    }
    host.clock.advance(Duration::from_secs(120));
    assert_eq!(newer.dispatch(&courier, 10).await.unwrap().performed, 1, "who has the key performs it");
    assert_eq!(courier.attempts().last().unwrap().1, 1, "looking was no attempt");
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Decide(bool),
    Undecided,
    Dispatch,
    Crash,
    Fail,
    DropAfterEffect,
    Never,
    Wait(u64),
    Store(usize, bool),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        any::<bool>().prop_map(Op::Decide),
        Just(Op::Undecided),
        Just(Op::Dispatch),
        Just(Op::Crash),
        Just(Op::Fail),
        Just(Op::DropAfterEffect),
        Just(Op::Never),
        (1_u64..120).prop_map(Op::Wait),
        (0_usize..8, any::<bool>()).prop_map(|(index, after)| Op::Store(index, after)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Whatever fails on the way: each action of a decided challenge is done at least once, none of any other is, all
    /// attempts at one share its key, and each has one result.
    #[test]
    fn r52_r53_every_decided_action_is_done_at_least_once_and_settled_once(
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
            Op::Undecided => {
                let action = challenges_core::OneTimeUseAction::new(
                    vec![crate::courier::actor("alice")],
                    challenges_core::Timeout::from_seconds(600).unwrap(),
                );
                let _ =
                    host.challenges.create_one_time_use_action(crate::harness::owner("alice"), action).await.unwrap();
            }
            Op::Dispatch => {
                let _ = faulty.dispatch(&courier, 3).await;
                flaky.recover();
            }
            Op::Crash => {
                let hanging = Scripted::new(&host.clock, [Step::Hang, Step::Hang]);
                let _ = faulty.dispatch(&hanging, 2).now_or_never();
                flaky.recover();
            }
            Op::Fail => courier.script([Step::Fail(Retry::Later(None))]),
            Op::DropAfterEffect => courier.script([Step::DropAfterEffect]),
            Op::Never => courier.script([Step::Fail(Retry::Never)]),
            Op::Wait(seconds) => drop(host.clock.advance(Duration::from_secs(seconds))),
            Op::Store(index, after) => flaky.fail_nth(index, if after { Fault::After } else { Fault::Before }),
        }
    }
    flaky.recover();
    let sound = Scripted::new(&host.clock, []);
    for _ in 0..50 {
        for letter in host.challenges.dead_letters(None, None, 500).await.unwrap() {
            host.challenges.retry_dead_letter(letter.unwrap().entry.id).await.unwrap();
        }
        host.clock.advance(LONG);
        if host.challenges.dispatch(&sound, 500).await.unwrap().next.is_none() {
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
        return Err(format!("{} actions were done of {} decisions", keys.len(), decisions.len()));
    }
    let mut settled = BTreeSet::new();
    for id in decisions {
        let results = host.challenges.action_results(id).await.unwrap();
        if results.len() != 2 || !results.iter().all(|result| result.performed) {
            return Err(format!("the results are {results:?}"));
        }
        settled.extend(results.iter().map(|result| result.entry));
    }
    if settled.is_subset(&keys) { Ok(()) } else { Err("a result without its effect".to_owned()) }
}
