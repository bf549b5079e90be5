#![allow(clippy::unwrap_used)]

use futures::FutureExt as _;
use futures::executor::block_on;

use super::Event;

#[test]
fn all_who_listen_are_woken_and_nobody_else() {
    let event = Event::default();
    let mut before = event.listen();
    let unpolled = event.listen();
    assert_eq!((&mut before).now_or_never(), None);
    event.notify();
    let mut after = event.listen();
    block_on(before);
    block_on(unpolled);
    assert_eq!((&mut after).now_or_never(), None);
}

#[test]
fn one_on_another_thread_is_woken() {
    let event = Event::default();
    let listener = event.listen();
    let waits = std::thread::spawn(move || block_on(listener));
    event.notify();
    waits.join().unwrap();
}

#[test]
fn a_listener_that_is_gone_leaves_nothing() {
    let event = Event::default();
    let mut listener = event.listen();
    assert_eq!((&mut listener).now_or_never(), None);
    assert_eq!((&mut listener).now_or_never(), None);
    assert_eq!(event.lock().waiting.len(), 1);
    drop(listener);
    assert!(event.lock().waiting.is_empty());
}

/// The last thing that holds a task may be the waker of a listener that the task itself has.
#[test]
fn a_waker_that_drops_another_listener_does_not_lock_up() {
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Wake, Waker};

    struct Holds {
        _listener: Mutex<super::Listener>,
    }
    impl Wake for Holds {
        fn wake(self: Arc<Self>) {}
    }

    let event = Event::default();
    let waker = Waker::from(Arc::new(Holds { _listener: Mutex::new(event.listen()) }));
    let mut listener = event.listen();
    assert!(listener.poll_unpin(&mut Context::from_waker(&waker)).is_pending());
    drop(waker);
    assert!(listener.poll_unpin(&mut Context::from_waker(Waker::noop())).is_pending());
    event.notify();
    block_on(listener);
}
