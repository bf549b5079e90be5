use std::future::{pending, poll_fn};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use async_trait::async_trait;
use challenges_core::store::{Batch, Commit, Id, Kind, Load, StoreError, Stored};
use challenges_core::{Store, Timestamp};

use challenges_testkit::{Fault, InjectedFault, Method};

/// The fate of a store call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Turn {
    /// The store serves the call.
    Served,
    /// The call fails without an effect, and the caller knows.
    Refused,
    /// The reply is lost. The call had no effect.
    LostUndone,
    /// The reply is lost. The call took effect.
    LostDone,
    /// The caller crashes before the call.
    CrashedBefore,
    /// The caller crashes after the call took effect.
    CrashedAfter,
}

impl Turn {
    /// Returns the distinguishable fates of a call. Reads have no effect, so a lost reply equals a refusal.
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

/// The control over the order of store calls.
#[derive(Clone, Debug, Default)]
pub struct Scheduler(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Makes calls wait for a turn.
    closed: bool,
    turn: Option<Turn>,
    waiting: Option<Method>,
}

impl Scheduler {
    /// Wraps a store. Calls wait for a turn while tasks run, and are served immediately before and afterwards.
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

    /// Returns the method that the last polled task waits for.
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

/// A store wrapper whose calls wait for a turn. Clones share the store.
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
    async fn load(&self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        in_turn!(self, Load, unavailable, self.store.load(request))
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        in_turn!(self, Commit, unknown, self.store.commit(batch))
    }

    async fn list(
        &self,
        kind: Kind,
        owner: Option<u64>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        in_turn!(self, List, unavailable, self.store.list(kind, owner, after, limit))
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
