use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Futures that are under way at once. Each is polled when it was woken itself, not when any of them was.
#[derive(Debug)]
pub(crate) struct Unordered<F> {
    futures: Vec<Slot<F>>,
    left: usize,
    woken: Arc<Woken>,
}

/// A future with its waker, until it has ended.
type Slot<F> = Option<(Pin<Box<F>>, Arc<Place>)>;

/// Which futures to poll next, and the task that polls them.
#[derive(Debug, Default)]
struct Woken(Mutex<(Vec<usize>, Option<Waker>)>);

/// The waker of one of the futures.
#[derive(Debug)]
struct Place {
    index: usize,
    is_woken: AtomicBool,
    woken: Arc<Woken>,
}

impl<F: Future> Unordered<F> {
    pub(crate) fn new(futures: impl IntoIterator<Item = F>) -> Self {
        let woken = Arc::new(Woken::default());
        let place = |index| Arc::new(Place { index, is_woken: AtomicBool::new(true), woken: Arc::clone(&woken) });
        let futures: Vec<_> =
            futures.into_iter().enumerate().map(|(index, future)| Some((Box::pin(future), place(index)))).collect();
        let left = futures.len();
        woken.lock().0 = (0..left).collect();
        Self { futures, left, woken }
    }

    /// The output of one that has ended, with its place among the futures; `None` when all have ended.
    pub(crate) async fn next(&mut self) -> Option<(usize, F::Output)> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// What wakes itself is not polled twice in one call, so that other tasks of the executor run as well.
    fn poll_next(&mut self, context: &Context<'_>) -> Poll<Option<(usize, F::Output)>> {
        let mut woken = self.woken.take(context.waker()).into_iter();
        while let Some(index) = woken.next() {
            let Some(slot) = self.futures.get_mut(index) else { continue };
            let Some((future, place)) = slot else { continue };
            place.is_woken.store(false, Ordering::Release);
            let waker = Waker::from(Arc::clone(place));
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                *slot = None;
                self.left = self.left.saturating_sub(1);
                self.woken.lock().0.extend(woken);
                return Poll::Ready(Some((index, output)));
            }
        }
        if self.left == 0 { Poll::Ready(None) } else { Poll::Pending }
    }
}

impl Woken {
    fn take(&self, task: &Waker) -> Vec<usize> {
        let mut state = self.lock();
        let woken = mem::take(&mut state.0);
        let earlier = match &state.1 {
            Some(known) if known.will_wake(task) => None,
            _ => state.1.replace(task.clone()),
        };
        drop(state);
        // To drop a waker may drop a task, and with it whatever it holds.
        drop(earlier);
        woken
    }

    fn lock(&self) -> MutexGuard<'_, (Vec<usize>, Option<Waker>)> {
        // Nothing that may panic and leaves it half changed is done under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Place {
    fn wake(self: Arc<Self>) {
        if self.is_woken.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut state = self.woken.lock();
        state.0.push(self.index);
        let task = state.1.clone();
        drop(state);
        task.iter().for_each(Waker::wake_by_ref);
    }
}

/// The outputs of all, in the order of the futures; or the first error, which ends the others.
pub(crate) async fn try_join_all<T, E>(
    futures: impl IntoIterator<Item = impl Future<Output = Result<T, E>>>,
) -> Result<Vec<T>, E> {
    let mut under_way = Unordered::new(futures);
    let mut outputs = Vec::with_capacity(under_way.left);
    while let Some((index, output)) = under_way.next().await {
        outputs.push((index, output?));
    }
    outputs.sort_unstable_by_key(|(index, _)| *index);
    Ok(outputs.into_iter().map(|(_, output)| output).collect())
}

#[cfg(test)]
mod tests;
