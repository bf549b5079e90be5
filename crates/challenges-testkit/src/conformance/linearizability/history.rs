use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Calls on one object with their outcomes, in order of their beginnings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct History<C, R> {
    pub(super) calls: Vec<Recorded<C, R>>,
    /// The number of beginnings and ends so far: the clock of the history.
    moments: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recorded<C, R> {
    pub(super) call: C,
    pub(super) began: usize,
    pub(super) end: End<R>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End<R> {
    Returned { at: usize, result: R },
    Unknown,
    WithoutEffect,
}

impl<R> End<R> {
    /// Returns the moment of the return, or `None` for a call without a result.
    pub(super) const fn at(&self) -> Option<usize> {
        match self {
            Self::Returned { at, .. } => Some(*at),
            Self::Unknown | Self::WithoutEffect => None,
        }
    }
}

/// The end of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended<R> {
    /// The call returned a result.
    Returned(R),
    /// The call took effect, may still take effect, or never takes effect.
    Unknown,
    /// The call had no effect, and the caller learned nothing about the object.
    WithoutEffect,
}

/// The index of a call that began.
#[derive(Debug)]
#[must_use = "a call that never ends has an unknown outcome"]
pub(super) struct Began(usize);

impl<C, R> Default for History<C, R> {
    fn default() -> Self {
        Self { calls: Vec::new(), moments: 0 }
    }
}

impl<C, R> History<C, R> {
    /// Records the beginning of a call. The outcome is unknown until the call ends.
    pub(super) fn began(&mut self, call: C) -> Began {
        let began = self.moment();
        self.calls.push(Recorded { call, began, end: End::Unknown });
        Began(self.calls.len() - 1)
    }

    /// Records the end of a call.
    pub(super) fn ended(&mut self, began: Began, ended: Ended<R>) {
        let at = self.moment();
        if let Some(recorded) = self.calls.get_mut(began.0) {
            recorded.end = match ended {
                Ended::Returned(result) => End::Returned { at, result },
                Ended::Unknown => End::Unknown,
                Ended::WithoutEffect => End::WithoutEffect,
            };
        }
    }

    /// Returns the number of calls that may have taken effect.
    #[must_use]
    pub(super) fn len(&self) -> usize {
        self.calls.iter().filter(|recorded| !matches!(recorded.end, End::WithoutEffect)).count()
    }

    fn moment(&mut self) -> usize {
        self.moments += 1;
        self.moments
    }
}

/// Prints a line for each call: number, first and last moment, call and result.
impl<C: fmt::Debug, R: fmt::Debug> fmt::Display for History<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, Recorded { call, began, end }) in self.calls.iter().enumerate() {
            match end {
                End::Returned { at, result } => writeln!(f, "  {number}: {began}..{at} {call:?} -> {result:?}")?,
                End::Unknown => writeln!(f, "  {number}: {began}.. {call:?} -> unknown")?,
                End::WithoutEffect => {}
            }
        }
        Ok(())
    }
}

/// Records a history of concurrent tasks. Clones share the history.
#[derive(Debug)]
pub(super) struct Recorder<C, R>(Arc<Mutex<History<C, R>>>);

impl<C, R> Recorder<C, R> {
    /// Runs a call and records the beginning and the end.
    ///
    /// A call has an unknown outcome when the future is dropped before the end.
    pub(super) async fn record(&self, call: C, run: impl Future<Output = Ended<R>>) {
        let began = self.history().began(call);
        let ended = run.await;
        self.history().ended(began, ended);
    }

    /// Returns the history since the last call of `take`. No recorded call may be running.
    #[must_use]
    pub(super) fn take(&self) -> History<C, R> {
        std::mem::take(&mut *self.history())
    }

    fn history(&self) -> MutexGuard<'_, History<C, R>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C, R> Default for Recorder<C, R> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<C, R> Clone for Recorder<C, R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
