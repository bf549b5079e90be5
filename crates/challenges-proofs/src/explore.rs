//! A bounded model checker for code that commits by compare-and-set: every order of store calls, with every fault.
//!
//! The [`Explorer`] polls a few tasks by hand and runs a single task at a time, up to the next store call. At each
//! step, any task may run next. While faults remain, the call may also end with one of these faults:
//!
//! - the store refuses the call
//! - the reply is lost, without or with the effect of the call
//! - the task crashes before or after the call
//!
//! Each schedule runs from the start on a new store.
//!
//! # Examples
//!
//! ```
//! use std::sync::Arc;
//!
//! use challenges_core::store::{Batch, Commit, Id, Key, Kind, Record, Write};
//! use challenges_core::{Store, Timestamp};
//! use challenges_proofs::explore::{Explorer, Trial};
//! use challenges_testkit::DefectiveStore;
//!
//! let create = |version| {
//!     let key = Key::new(Kind::Counters, Id::new(Timestamp::default(), 1, 1));
//!     let record = Record { key, due: None, expires: None, body: "{}".into() };
//!     Batch::new([version; 16], vec![Write::create(record)])
//! };
//! let explored = Explorer::new(1).run(async |scheduler| {
//!     let store = scheduler.gate(Arc::new(DefectiveStore::sound()));
//!     let mut trial = Trial::new(|applied: Vec<Option<bool>>| async move {
//!         let applied = applied.into_iter().filter(|applied| *applied == Some(true)).count();
//!         if applied <= 1 { Ok(()) } else { Err(format!("created {applied} times")) }
//!     });
//!     for version in [1, 2] {
//!         let store = store.clone();
//!         trial.task(async move {
//!             let batch = create(version).unwrap();
//!             matches!(store.commit(batch).await, Ok(Commit::Applied))
//!         });
//!     }
//!     trial
//! })?;
//! assert_eq!((explored.longest, explored.schedules), (2, 22));
//! # Ok::<(), challenges_proofs::explore::Violation>(())
//! ```

mod gate;

pub use gate::{Gate, Scheduler, Turn};

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures::executor::block_on;

use challenges_testkit::Method;

type Task<R> = Pin<Box<dyn Future<Output = R> + Send>>;
type Check<R> = Box<dyn FnOnce(Vec<Option<R>>) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send>;

/// Concurrent tasks on one store, with a check of the final state.
pub struct Trial<R> {
    tasks: Vec<Task<R>>,
    check: Check<R>,
}

impl<R: 'static> Trial<R> {
    /// Creates a trial without tasks.
    ///
    /// `check` receives the result of each task, or `None` for a crashed task. An `Err` describes the violation.
    pub fn new<Fut>(check: impl FnOnce(Vec<Option<R>>) -> Fut + Send + 'static) -> Self
    where
        Fut: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self { tasks: Vec::new(), check: Box::new(|returned| Box::pin(check(returned))) }
    }

    /// Adds a task. The task may await only stores behind a [`Gate`].
    pub fn task(&mut self, task: impl Future<Output = R> + Send + 'static) {
        self.tasks.push(Box::pin(task));
    }
}

/// Runs every schedule up to a number of faults.
#[derive(Clone, Copy, Debug)]
pub struct Explorer {
    most_faults: usize,
}

/// The totals of an exploration without violations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explored {
    /// The number of schedules.
    pub schedules: usize,
    /// The number of calls in the longest schedule.
    pub longest: usize,
}

/// A step of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// The index of the task in order of addition, from 0.
    pub task: usize,
    /// The called method.
    pub method: Method,
    /// The fate of the call.
    pub turn: Turn,
}

/// A schedule that fails the check.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct Violation {
    /// The steps in order.
    pub schedule: Vec<Step>,
    /// The message of the check.
    pub complaint: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, after", self.complaint)?;
        self.schedule.iter().try_for_each(|Step { task, method, turn }| write!(f, " {task}:{method:?}:{turn:?}"))
    }
}

impl Explorer {
    /// Creates an explorer for schedules with at most `most_faults` faults.
    #[must_use]
    pub const fn new(most_faults: usize) -> Self {
        Self { most_faults }
    }

    /// Runs every schedule. `start` must create an equal trial on a new store on each call.
    ///
    /// # Errors
    ///
    /// [`Violation`] with the first schedule that fails the check.
    pub fn run<R: 'static>(&self, start: impl AsyncFn(&Scheduler) -> Trial<R>) -> Result<Explored, Violation> {
        let mut explored = Explored::default();
        let mut choices = Choices::default();
        loop {
            let scheduler = Scheduler::default();
            let trial = block_on(start(&scheduler));
            let schedule = self.once(&scheduler, trial, &mut choices)?;
            explored.schedules += 1;
            explored.longest = explored.longest.max(schedule.len());
            if !choices.next() {
                return Ok(explored);
            }
        }
    }

    fn once<R>(&self, scheduler: &Scheduler, trial: Trial<R>, choices: &mut Choices) -> Result<Vec<Step>, Violation> {
        let mut schedule: Vec<Step> = Vec::new();
        scheduler.close(true);
        let mut running: Vec<Running<R>> =
            trial.tasks.into_iter().map(|task| Running::start(task, scheduler)).collect();
        let mut faults = self.most_faults;
        loop {
            let steps = steps(&running, faults > 0);
            let Some(step) = steps.get(choices.choose(steps.len())).copied() else { break };
            if let Some(running) = running.get_mut(step.task) {
                running.go_on(step.turn, scheduler);
            }
            faults -= usize::from(step.turn != Turn::Served);
            schedule.push(step);
        }
        scheduler.close(false);
        let returned = running.into_iter().map(Running::returned).collect();
        match block_on((trial.check)(returned)) {
            Ok(()) => Ok(schedule),
            Err(complaint) => Err(Violation { schedule, complaint }),
        }
    }
}

/// Returns every possible next step.
fn steps<R>(running: &[Running<R>], faulty: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    for (task, running) in running.iter().enumerate() {
        if let Running::Waiting(_, method) = running {
            let turns = if faulty { Turn::of(*method) } else { &[Turn::Served] };
            steps.extend(turns.iter().map(|turn| Step { task, method: *method, turn: *turn }));
        }
    }
    steps
}

enum Running<R> {
    Waiting(Task<R>, Method),
    Returned(R),
    Crashed,
}

impl<R> Running<R> {
    fn start(task: Task<R>, scheduler: &Scheduler) -> Self {
        Self::poll(task, scheduler)
    }

    fn go_on(&mut self, turn: Turn, scheduler: &Scheduler) {
        let Self::Waiting(task, _) = std::mem::replace(self, Self::Crashed) else { return };
        if turn == Turn::CrashedBefore {
            return;
        }
        scheduler.give(turn);
        let next = Self::poll(task, scheduler);
        if turn != Turn::CrashedAfter {
            *self = next;
        }
    }

    fn poll(mut task: Task<R>, scheduler: &Scheduler) -> Self {
        match task.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(returned) => Self::Returned(returned),
            // No waker exists, so a task that awaits anything else never resumes and counts as crashed.
            Poll::Pending => scheduler.waiting().map_or(Self::Crashed, |method| Self::Waiting(task, method)),
        }
    }

    fn returned(self) -> Option<R> {
        if let Self::Returned(returned) = self { Some(returned) } else { None }
    }
}

/// The path through the tree of choices: the taken index and the number of options at each node.
#[derive(Debug, Default)]
struct Choices {
    taken: Vec<(usize, usize)>,
    depth: usize,
}

impl Choices {
    fn choose(&mut self, count: usize) -> usize {
        if count == 0 {
            return 0;
        }
        if self.depth == self.taken.len() {
            self.taken.push((0, count));
        }
        let (chosen, _) = self.taken.get(self.depth).copied().unwrap_or_default();
        self.depth += 1;
        chosen
    }

    /// Advances to the next path. Returns false after the last path.
    fn next(&mut self) -> bool {
        self.depth = 0;
        while let Some((chosen, count)) = self.taken.pop() {
            if chosen + 1 < count {
                self.taken.push((chosen + 1, count));
                return true;
            }
        }
        false
    }
}
