use std::sync::Arc;
use std::time::Duration;

use challenges_core::outbox::{Dispatched, Retry};
use challenges_core::{ChallengeType, Challenges, Policy};
use challenges_testkit::{Counting, Yielding};
use futures::FutureExt as _;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::courier::{Scripted, Step, What, actor, decided};
use crate::harness::{Host, Seen, service};

async fn dispatch(host: &Host, courier: &Scripted) -> Dispatched {
    host.challenges.outbox().dispatch(courier, 100).await.unwrap()
}

/// R52: the actions of the outcome run for the deciding actor, each once, and leave their results.
#[tokio::test]
async fn actions_of_the_outcome_are_performed() {
    for approved in [true, false] {
        let host = Host::new().await;
        let courier = Scripted::new(&host.clock, [Step::Perform(204), Step::Perform(404)]);
        let id = decided(&host.challenges, 2, approved).await;
        let done = dispatch(&host, &courier).await;
        assert_eq!((done.performed, done.next), (2, None));
        let mut called: Vec<_> = courier.done().into_iter().map(|effect| effect.what).collect();
        called.sort_by_key(|what| format!("{what:?}"));
        let wanted = [0, 1]
            .map(|index| What::Act { actor: actor("alice"), uri: format!("https://a.example/{approved}/{index}") });
        assert_eq!(called, wanted);
        assert!(host.challenges.outbox().list(None, None, 10).await.unwrap().is_empty());
        let results = host.challenges.actions().results(id).await.unwrap();
        let entries = host.challenges.get(id).await.unwrap().action_entries().to_vec();
        assert_eq!(results.iter().map(|result| result.entry).collect::<Vec<_>>(), entries);
        assert_eq!(results.iter().map(|result| result.index).collect::<Vec<_>>(), [0, 1]);
        assert!(results.iter().all(|result| result.performed && result.at == host.challenges.now()));
        let mut statuses: Vec<_> = results.iter().filter_map(|result| result.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 404]);
        assert_eq!(dispatch(&host, &courier).await, Dispatched::default(), "nothing runs twice");
    }
}

/// Each action costs two commits, one for the lease and one for the result.
#[tokio::test]
async fn actions_of_one_approval_never_conflict() {
    let host = Host::new().await;
    let store = Counting::new(Yielding::sharing(Arc::clone(&host.store)));
    let challenges = service(store.clone(), Policy::default(), host.clock.clone(), ()).await;
    decided(&challenges, 16, true).await;
    let courier = Scripted::new(&host.clock, []);
    let before = store.counts();
    assert_eq!(challenges.outbox().dispatch(&courier, 100).await.unwrap().performed, 16);
    let counts = store.counts() - before;
    assert_eq!((counts.load, counts.commit, counts.conflict), (0, 2 * 16, 0));
}

#[tokio::test]
async fn only_new_entries_wake_listeners() {
    let host = Host::new().await;
    let outbox = host.challenges.outbox();
    let (mut one, mut other) = (Box::pin(outbox.written()), Box::pin(outbox.written()));
    let _ = host.create("alice", ChallengeType::Code).await;
    assert!((&mut one).now_or_never().is_none() && (&mut other).now_or_never().is_none());
    decided(&host.challenges, 1, true).await;
    assert!((&mut one).now_or_never().is_some() && (&mut other).now_or_never().is_some());
    let mut later = Box::pin(outbox.written());
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Later(None))]);
    assert_eq!(dispatch(&host, &courier).await.retried, 1);
    assert!((&mut later).now_or_never().is_none(), "leases and retries wake nobody");
}

/// R53: retries have the same idempotency key.
#[tokio::test]
async fn failure_is_retried_after_growing_pauses() {
    let host = Host::new().await;
    let courier = Scripted::new(&host.clock, (0..5).map(|_| Step::Fail(Retry::Later(None))));
    decided(&host.challenges, 1, true).await;
    for attempt in 0..5 {
        let done = dispatch(&host, &courier).await;
        assert_eq!((done.retried, done.performed), (1, 0));
        let pause = host.now().until(done.next.unwrap());
        assert!(pause <= Duration::from_secs(1 << attempt), "attempt {attempt}: {pause:?}");
        if !pause.is_zero() {
            assert_eq!(dispatch(&host, &courier).await.retried, 0, "the entry is not due yet");
        }
        host.clock.advance(pause);
    }
    assert_eq!(dispatch(&host, &courier).await.performed, 1);
    let attempts = courier.attempts();
    assert_eq!(attempts.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    assert!(attempts.iter().all(|(key, _)| *key == attempts[0].0));
    assert_eq!(courier.done().len(), 1);
}

/// R53: the longest pause is an hour.
#[tokio::test]
async fn requested_pause_is_kept_up_to_the_longest() {
    for (asked, kept) in [(90, 90), (7 * 86_400, 3_600)] {
        let host = Host::new().await;
        let later = Step::Fail(Retry::Later(Some(Duration::from_secs(asked))));
        let courier = Scripted::new(&host.clock, [later]);
        decided(&host.challenges, 1, true).await;
        let next = dispatch(&host, &courier).await.next.unwrap();
        assert_eq!(host.now().until(next), Duration::from_secs(kept));
    }
}

/// R53: a receiver recognizes the repeated request by its idempotency key.
#[tokio::test]
async fn lost_response_repeats_the_same_key() {
    let host = Host::new().await;
    let courier = Scripted::new(&host.clock, [Step::DropAfterEffect]);
    decided(&host.challenges, 1, true).await;
    assert_eq!(dispatch(&host, &courier).await.retried, 1);
    host.clock.advance(Duration::from_secs(1));
    assert_eq!(dispatch(&host, &courier).await.performed, 1);
    let done = courier.done();
    assert!(done.len() == 2 && done[0] == done[1]);
}

#[tokio::test]
async fn full_batch_reports_more_entries_due() {
    let host = Host::new().await;
    let courier = Scripted::new(&host.clock, []);
    decided(&host.challenges, 5, true).await;
    let done = host.challenges.outbox().dispatch(&courier, 3).await.unwrap();
    assert_eq!((done.performed, done.next), (3, Some(host.now())));
    assert_eq!(host.challenges.outbox().dispatch(&courier, 3).await.unwrap().performed, 2);
}

#[tokio::test]
async fn every_change_of_an_entry_is_observed() {
    let mut policy = Policy::default();
    policy.dispatch.attempts = 2;
    let host = Host::with_policy(policy).await;
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Later(None)), Step::Fail(Retry::Later(None))]);
    decided(&host.challenges, 1, true).await;
    host.seen.take();
    dispatch(&host, &courier).await;
    let key = courier.attempts()[0].0;
    host.clock.advance(Duration::from_secs(1));
    dispatch(&host, &courier).await;
    host.challenges.outbox().retry(key).await.unwrap();
    dispatch(&host, &courier).await;
    assert_eq!(host.seen.take(), [Seen::Retried(key), Seen::Dead(key), Seen::DeadRetried(key), Seen::Performed(key)]);
}

/// Dispatches until stopped, as a host does. Up to four calls run at once, so that a hanging call delays no other.
async fn work(challenges: Challenges, courier: Scripted, stop: Arc<Notify>) {
    const CALLS: usize = 4;
    let mut calls = JoinSet::new();
    let mut due = true;
    loop {
        let written = challenges.outbox().written();
        if due && calls.len() < CALLS {
            let (challenges, courier) = (challenges.clone(), courier.clone());
            calls.spawn(async move { challenges.outbox().dispatch(&courier, 64).await });
            due = false;
        }
        // The fake clock stands still, so nothing becomes due by itself.
        due |= tokio::select! {
            () = written => true,
            Some(ended) = calls.join_next() => {
                let next = ended.unwrap().unwrap().next;
                next.is_some_and(|next| next <= challenges.now())
            }
            () = tokio::time::sleep(Duration::from_secs(3_600)) => true,
            () = stop.notified() => return,
        };
    }
}

/// The loop needs no polling, and continues while an earlier job hangs.
#[tokio::test]
async fn dispatch_loop_performs_entries_until_stopped() {
    let host = Host::new().await;
    let courier = Scripted::new(&host.clock, [Step::Hang]);
    let stop = Arc::new(Notify::new());
    let working = tokio::spawn(work(host.challenges.clone(), courier.clone(), Arc::clone(&stop)));
    for round in 1..=20 {
        decided(&host.challenges, 3, round % 2 == 0).await;
        while courier.done().len() < 3 * round {
            tokio::task::yield_now().await;
        }
    }
    stop.notify_one();
    working.await.unwrap();
    assert_eq!(courier.done().len(), 60);
}
