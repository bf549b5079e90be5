#![allow(clippy::unwrap_used)]

use std::pin::pin;

use futures::FutureExt as _;
use futures::executor::block_on;

use super::Turn;

#[test]
fn one_has_it_and_the_others_wait() {
    let turn = Turn::default();
    let first = turn.take().now_or_never().unwrap();
    let (mut second, mut third) = (pin!(turn.take()), pin!(turn.take()));
    assert!(second.as_mut().now_or_never().is_none());
    assert!(third.as_mut().now_or_never().is_none());
    drop(first);
    let second = second.now_or_never().unwrap();
    assert!(third.as_mut().now_or_never().is_none());
    drop(second);
    drop(block_on(third));
}

#[test]
fn one_who_no_longer_waits_keeps_nobody_from_it() {
    let turn = Turn::default();
    let first = turn.take().now_or_never().unwrap();
    assert!(turn.take().now_or_never().is_none());
    drop(first);
    assert!(turn.take().now_or_never().is_some());
}

/// More threads than processors: what is counted under the turn is counted without gaps.
#[test]
fn nobody_has_it_together_with_another() {
    const THREADS: usize = 8;
    const TIMES: usize = 2_000;

    let turn = Turn::default();
    let (inside, most) = (std::sync::atomic::AtomicUsize::new(0), std::sync::atomic::AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..TIMES {
                    let taken = block_on(turn.take());
                    let now = inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
                    most.fetch_max(now, std::sync::atomic::Ordering::SeqCst);
                    std::thread::yield_now();
                    inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                    drop(taken);
                }
            });
        }
    });
    assert_eq!(most.into_inner(), 1);
}
