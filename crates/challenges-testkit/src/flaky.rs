use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use challenges_core::store::{Batch, Commit, Id, Kind, Load, StoreError, Stored};
use challenges_core::{Store, Timestamp};

/// A store wrapper with planned failures, before or after a call reaches the inner store. Clones share the plan.
///
/// # Examples
///
/// ```
/// use challenges_core::store::{Batch, Commit, Key, Kind, Record, StoreError, Write};
/// use challenges_core::{Store, Timestamp};
/// use challenges_core::store::Id;
/// use challenges_testkit::{DefectiveStore, Fault, Flaky};
///
/// # futures::executor::block_on(async {
/// let store = Flaky::new(DefectiveStore::sound());
/// store.fail_next(Fault::After);
///
/// let key = Key::new(Kind::Counters, Id::new(Timestamp::default(), 1, 1));
/// let record = Record { key, due: None, expires: None, body: "{}".into() };
/// let create = Batch::new([1; 16], vec![Write::create(record)])?;
/// assert!(matches!(store.commit(create.clone()).await, Err(StoreError::OutcomeUnknown(_))));
/// assert_eq!(store.commit(create).await?, Commit::Conflict); // The first commit was applied.
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
pub struct Flaky<S: ?Sized> {
    plan: Arc<Mutex<Plan>>,
    store: Arc<S>,
}

/// The point at which a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "tests build and match this")]
pub enum Fault {
    /// Before the inner store: the call returns [`StoreError::Unavailable`] and has no effect.
    Before,
    /// After the inner store: the call takes effect. A commit returns [`StoreError::OutcomeUnknown`], any other call
    /// [`StoreError::Unavailable`].
    After,
}

/// A method of [`Store`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "tests build and match this")]
pub enum Method {
    /// [`Store::load`].
    Load,
    /// [`Store::commit`].
    Commit,
    /// [`Store::list`].
    List,
    /// [`Store::due`].
    Due,
    /// [`Store::purge`].
    Purge,
}

/// A call to a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "tests build and match this")]
pub struct Call {
    /// The number of earlier calls, of any method.
    pub index: usize,
    /// The method.
    pub method: Method,
}

/// The source of every error from a [`Flaky`] store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("test fault injected ({0:?} the call)")]
#[expect(clippy::exhaustive_structs, reason = "tests build and match this")]
pub struct InjectedFault(pub Fault);

type Faults = Box<dyn FnMut(Call) -> Option<Fault> + Send>;

struct Plan {
    calls: usize,
    faults: Faults,
}

impl<S: Store> Flaky<S> {
    /// Wraps a store. No call fails until a fault is planned.
    #[must_use]
    pub fn new(store: S) -> Self {
        Self::sharing(Arc::new(store))
    }
}

impl<S: Store + ?Sized> Flaky<S> {
    /// Wraps a shared store.
    #[must_use]
    pub fn sharing(store: Arc<S>) -> Self {
        Self { plan: Arc::new(Mutex::new(Plan { calls: 0, faults: Box::new(|_| None) })), store }
    }

    /// Replaces the plan: `faults` decides before each call whether and where the call fails.
    pub fn fail_when(&self, faults: impl FnMut(Call) -> Option<Fault> + Send + 'static) {
        self.plan().faults = Box::new(faults);
    }

    /// Fails the next call only.
    pub fn fail_next(&self, fault: Fault) {
        self.fail_nth(0, fault);
    }

    /// Fails a single call, after `n` calls without a fault.
    pub fn fail_nth(&self, n: usize, fault: Fault) {
        let index = self.calls() + n;
        self.fail_when(move |call| (call.index == index).then_some(fault));
    }

    /// Fails every call of a method.
    pub fn fail_every(&self, method: Method, fault: Fault) {
        self.fail_when(move |call| (call.method == method).then_some(fault));
    }

    /// Removes all planned faults.
    pub fn recover(&self) {
        self.fail_when(|_| None);
    }

    /// Returns the number of calls so far, including failed calls.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.plan().calls
    }

    fn plan(&self) -> std::sync::MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, method: Method) -> Option<Fault> {
        let mut plan = self.plan();
        let call = Call { index: plan.calls, method };
        plan.calls += 1;
        (plan.faults)(call)
    }
}

impl<S: ?Sized> Clone for Flaky<S> {
    fn clone(&self) -> Self {
        Self { plan: Arc::clone(&self.plan), store: Arc::clone(&self.store) }
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("calls", &self.calls).finish_non_exhaustive()
    }
}

fn unavailable(fault: Fault) -> StoreError {
    StoreError::Unavailable(Box::new(InjectedFault(fault)))
}

macro_rules! with_fault {
    ($self:ident, $method:ident, $call:expr) => {{
        let fault = $self.next(Method::$method);
        if fault == Some(Fault::Before) {
            return Err(unavailable(Fault::Before));
        }
        let result = $call.await?;
        match fault {
            Some(_) => Err(unavailable(Fault::After)),
            None => Ok(result),
        }
    }};
}

#[async_trait]
impl<S: Store + ?Sized> Store for Flaky<S> {
    async fn load(&self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        with_fault!(self, Load, self.store.load(request))
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        let committed = with_fault!(self, Commit, self.store.commit(batch));
        committed.map_err(|_| StoreError::OutcomeUnknown(Box::new(InjectedFault(Fault::After))))
    }

    async fn list(
        &self,
        kind: Kind,
        owner: Option<u64>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        with_fault!(self, List, self.store.list(kind, owner, after, limit))
    }

    async fn due(
        &self,
        kind: Kind,
        shards: Range<u16>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        with_fault!(self, Due, self.store.due(kind, shards, now, limit))
    }

    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        with_fault!(self, Purge, self.store.purge(shards, before, limit))
    }
}
