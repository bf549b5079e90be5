use std::future::{pending, poll_fn};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use async_trait::async_trait;
use challenges_core::store::{Batch, Commit, Kind, ListQuery, Load, Loaded, Page, StoreError, Stored};
use challenges_core::{Store, Timestamp};

use challenges_testkit::{Fault, InjectedFault, Method};

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Turn {
    /// It is served.
    Served,
    /// It fails, and nothing was done.
    Refused,
    /// It is not known whether it was done, and it was not.
    LostUndone,
    /// It is not known whether it was done, and it was.
    LostDone,
    /// Who calls ends before the call.
    CrashedBefore,
    /// Who calls ends after the call took effect.
    CrashedAfter,
}

impl Turn {
    /// Those that differ for such a call: what only reads has no effect that could be lost.
    pub(super) const fn of(method: Method) -> &'static [Self] {
        match method {
            Method::Commit | Method::Purge => &[
                Self::Served,
                Self::Refused,
                Self::LostUndone,
                Self::LostDone,
                Self::CrashedBefore,
                Self::CrashedAfter,
            ],
            Method::Load | Method::List | Method::Due => &[Self::Served, Self::Refused, Self::CrashedBefore],
        }
    }
}

/// Who says which call is next.
#[derive(Clone, Debug, Default)]
pub struct Scheduler(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Whether calls wait.
    closed: bool,
    turn: Option<Turn>,
    waiting: Option<Method>,
}

impl Scheduler {
    /// A store whose calls wait for their turn while tasks run, and are served at once before and after that.
    #[must_use]
    pub fn gate<S: ?Sized>(&self, store: Arc<S>) -> Gate<S> {
        Gate { scheduler: self.clone(), store }
    }

    pub(super) fn close(&self, closed: bool) {
        self.state().closed = closed;
    }

    pub(super) fn give(&self, turn: Turn) {
        self.state().turn = Some(turn);
    }

    /// What the task that was polled last waits for.
    pub(super) fn waiting(&self) -> Option<Method> {
        self.state().waiting.take()
    }

    async fn turn(&self, method: Method) -> Turn {
        {
            let mut state = self.state();
            if !state.closed {
                return Turn::Served;
            }
            state.waiting = Some(method);
        }
        poll_fn(|_| self.state().turn.take().map_or(Poll::Pending, Poll::Ready)).await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A store whose calls wait for their turn. Its clones are the same store.
#[derive(Debug)]
pub struct Gate<S: ?Sized> {
    scheduler: Scheduler,
    store: Arc<S>,
}

impl<S: ?Sized> Clone for Gate<S> {
    fn clone(&self) -> Self {
        Self { scheduler: self.scheduler.clone(), store: Arc::clone(&self.store) }
    }
}

fn unavailable(fault: Fault) -> StoreError {
    StoreError::Unavailable(Box::new(InjectedFault(fault)))
}

fn unknown(fault: Fault) -> StoreError {
    StoreError::OutcomeUnknown(Box::new(InjectedFault(fault)))
}

macro_rules! in_turn {
    ($self:ident, $method:ident, $lost:ident, $call:expr) => {
        match $self.scheduler.turn(Method::$method).await {
            Turn::Refused => Err(unavailable(Fault::Before)),
            Turn::LostUndone => Err($lost(Fault::Before)),
            Turn::LostDone => {
                let _ = $call.await?;
                Err($lost(Fault::After))
            }
            Turn::CrashedAfter => {
                let _ = $call.await?;
                pending().await
            }
            Turn::Served | Turn::CrashedBefore => $call.await,
        }
    };
}

#[async_trait]
impl<S: Store + ?Sized> Store for Gate<S> {
    async fn load(&self, request: &Load) -> Result<Loaded, StoreError> {
        in_turn!(self, Load, unavailable, self.store.load(request))
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        in_turn!(self, Commit, unknown, self.store.commit(batch))
    }

    async fn list(&self, query: &ListQuery) -> Result<Page, StoreError> {
        in_turn!(self, List, unavailable, self.store.list(query))
    }

    async fn due(
        &self,
        kind: Kind,
        shards: Range<u16>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        in_turn!(self, Due, unavailable, self.store.due(kind, shards, now, limit))
    }

    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        in_turn!(self, Purge, unavailable, self.store.purge(shards, before, limit))
    }
}
