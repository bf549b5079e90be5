use std::collections::BTreeMap;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Something that happens now and then, and that any number of tasks wait for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Event(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    happened: u64,
    listeners: u64,
    waiting: BTreeMap<u64, Waker>,
}

impl Event {
    /// Wakes all who listen.
    pub(crate) fn notify(&self) {
        let mut state = self.lock();
        state.happened = state.happened.wrapping_add(1);
        let waiting = mem::take(&mut state.waiting);
        drop(state);
        waiting.into_values().for_each(Waker::wake);
    }

    /// Ends with the next [`Event::notify`] after this call, also with one before it is first polled.
    pub(crate) fn listen(&self) -> Listener {
        let mut state = self.lock();
        state.listeners = state.listeners.wrapping_add(1);
        let (heard, number) = (state.happened, state.listeners);
        drop(state);
        Listener { event: self.clone(), heard, number }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that may panic is done under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// See [`Event::listen`].
#[derive(Debug)]
pub(crate) struct Listener {
    event: Event,
    heard: u64,
    number: u64,
}

impl Future for Listener {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.event.lock();
        if state.happened != self.heard {
            return Poll::Ready(());
        }
        let earlier = state.waiting.insert(self.number, context.waker().clone());
        drop(state);
        // To drop a waker may drop a task, and with it another listener.
        drop(earlier);
        Poll::Pending
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let waker = self.event.lock().waiting.remove(&self.number);
        drop(waker);
    }
}

#[cfg(test)]
mod tests;
