use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Calls of one thing, in the order in which they began, and what became of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History<C, R> {
    pub(super) calls: Vec<Recorded<C, R>>,
    /// How often something began or ended: the time of a history.
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
    /// When it returned, if it did.
    pub(super) const fn at(&self) -> Option<usize> {
        match self {
            Self::Returned { at, .. } => Some(*at),
            Self::Unknown | Self::WithoutEffect => None,
        }
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended<R> {
    /// It returned.
    Returned(R),
    /// It may have taken effect, or may still do so, or never.
    Unknown,
    /// It is known that it took no effect, and it says nothing about what it was called on.
    WithoutEffect,
}

/// A call that began.
#[derive(Debug)]
#[must_use = "a call that never ends counts as one of unknown outcome"]
pub struct Began(usize);

impl<C, R> Default for History<C, R> {
    fn default() -> Self {
        Self { calls: Vec::new(), moments: 0 }
    }
}

impl<C, R> History<C, R> {
    /// Notes that a call begins. Until it ends, its outcome is unknown.
    pub fn began(&mut self, call: C) -> Began {
        let began = self.moment();
        self.calls.push(Recorded { call, began, end: End::Unknown });
        Began(self.calls.len() - 1)
    }

    /// Notes how a call ended.
    pub fn ended(&mut self, began: Began, ended: Ended<R>) {
        let at = self.moment();
        if let Some(recorded) = self.calls.get_mut(began.0) {
            recorded.end = match ended {
                Ended::Returned(result) => End::Returned { at, result },
                Ended::Unknown => End::Unknown,
                Ended::WithoutEffect => End::WithoutEffect,
            };
        }
    }

    /// How many calls there are that may have taken effect.
    #[must_use]
    pub fn len(&self) -> usize {
        self.calls.iter().filter(|recorded| !matches!(recorded.end, End::WithoutEffect)).count()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many calls there are whose outcome is unknown.
    #[must_use]
    pub fn unknown(&self) -> usize {
        self.calls.iter().filter(|recorded| matches!(recorded.end, End::Unknown)).count()
    }

    fn moment(&mut self) -> usize {
        self.moments += 1;
        self.moments
    }
}

/// One line a call: its number, from when to when it ran, what it was and what it returned.
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

/// Takes a history down while tasks make it. Clones write the same one.
#[derive(Debug)]
pub struct Recorder<C, R>(Arc<Mutex<History<C, R>>>);

impl<C, R> Recorder<C, R> {
    /// Runs a call, and notes when it began, when it ended and how.
    ///
    /// A call whose future is dropped before it ended has an unknown outcome.
    pub async fn record(&self, call: C, run: impl Future<Output = Ended<R>>) {
        let began = self.history().began(call);
        let ended = run.await;
        self.history().ended(began, ended);
    }

    /// What was taken down since the last time; nothing may be running.
    #[must_use]
    pub fn take(&self) -> History<C, R> {
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
