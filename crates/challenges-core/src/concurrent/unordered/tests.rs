#![allow(clippy::unwrap_used)]

use std::future::{poll_fn, ready};
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::AtomicUsize;

use futures::FutureExt as _;
use futures::channel::oneshot;
use futures::executor::block_on;

use super::*;

#[test]
fn what_ends_first_comes_first() {
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..3).map(|_| oneshot::channel::<char>()).unzip();
    let mut under_way = Unordered::new(receivers);
    assert!(under_way.next().now_or_never().is_none());
    let mut senders: Vec<_> = senders.into_iter().map(Some).collect();
    for (index, output) in [(2, 'a'), (0, 'b'), (1, 'c')] {
        senders.get_mut(index).unwrap().take().unwrap().send(output).unwrap();
        assert_eq!(under_way.next().now_or_never(), Some(Some((index, Ok(output)))));
    }
    assert_eq!(block_on(under_way.next()), None);
    assert_eq!(block_on(under_way.next()), None);
}

#[test]
fn what_was_not_woken_is_not_polled() {
    let polls: [AtomicUsize; 2] = Default::default();
    let (sender, receiver) = oneshot::channel::<()>();
    let mut receiver = Some(receiver);
    let futures = polls.iter().map(|polls| {
        let mut awaited = receiver.take();
        poll_fn(move |context| {
            polls.fetch_add(1, Ordering::Relaxed);
            awaited.as_mut().map_or(Poll::Pending, |awaited| awaited.poll_unpin(context))
        })
    });
    let mut under_way = Unordered::new(futures);
    assert!(under_way.next().now_or_never().is_none());
    assert!(under_way.next().now_or_never().is_none());
    sender.send(()).unwrap();
    assert_eq!(block_on(under_way.next()), Some((0, Ok(()))));
    assert_eq!(polls.map(AtomicUsize::into_inner), [2, 1]);
}

/// A future that is woken over and over leaves the executor to others between two polls, and is queued once.
#[test]
fn what_wakes_itself_lets_others_run() {
    let mut polls = 0;
    let busy = poll_fn(|context| {
        polls += 1;
        context.waker().wake_by_ref();
        context.waker().wake_by_ref();
        Poll::<()>::Pending
    });
    let mut under_way = Unordered::new([busy]);
    for _ in 0..3 {
        assert!(under_way.next().now_or_never().is_none());
        assert_eq!(under_way.woken.lock().0, [0]);
    }
    drop(under_way);
    assert_eq!(polls, 3);
}

#[test]
fn what_ends_at_once_comes_one_by_one() {
    let mut under_way = Unordered::new(['a', 'b', 'c'].map(ready));
    for next in [Some((0, 'a')), Some((1, 'b')), Some((2, 'c')), None] {
        assert_eq!(under_way.next().now_or_never(), Some(next));
    }
}

#[test]
fn the_task_that_polled_last_is_woken() {
    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    let (sender, receiver) = oneshot::channel::<()>();
    let mut under_way = Unordered::new([receiver]);
    let tasks: [Arc<Wakes>; 2] = Default::default();
    for task in &tasks {
        let waker = Waker::from(Arc::clone(task));
        assert!(under_way.poll_next(&Context::from_waker(&waker)).is_pending());
    }
    sender.send(()).unwrap();
    assert_eq!(tasks.map(|task| task.0.load(Ordering::Relaxed)), [0, 1]);
    assert_eq!(under_way.next().now_or_never(), Some(Some((0, Ok(())))));
}

#[test]
fn outputs_are_in_the_order_of_the_futures() {
    let (sender, receiver) = oneshot::channel::<u8>();
    let mut all = pin!(try_join_all([receiver.boxed(), async { Ok(2) }.boxed()]));
    assert!(all.as_mut().now_or_never().is_none());
    sender.send(1).unwrap();
    assert_eq!(block_on(all), Ok(vec![1, 2]));
    assert_eq!(block_on(try_join_all(std::iter::empty::<std::future::Ready<Result<(), ()>>>())), Ok(vec![]));
}

#[test]
fn the_first_error_ends_the_others() {
    let held = Rc::new(());
    let inner = Rc::clone(&held);
    let never = async move {
        let _held = inner;
        std::future::pending::<Result<(), u8>>().await
    };
    assert_eq!(block_on(try_join_all([never.boxed_local(), async { Err(7) }.boxed_local()])), Err(7));
    assert_eq!(Rc::strong_count(&held), 1);
}
