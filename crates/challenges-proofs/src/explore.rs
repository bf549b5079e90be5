//! Every order in which the calls of a few tasks can reach a store, with every fault: a bounded model check of whatever
//! commits by compare-and-set.
//!
//! Tasks run by hand, one at a time, from one call of the store to the next. At each call the [`Explorer`] goes every way
//! there is: each of the tasks may be next, and, as long as faults are left, its call may be refused, its reply may be lost
//! before or after it took effect, or the task may end there for ever. Each way is tried from the start, on a new store.
//!
//! # Examples
//!
//! ```
//! use std::sync::Arc;
//!
//! use challenges_core::store::{Batch, Commit, Expect, Key, Kind, Record, Version, Write};
//! use challenges_core::{Id, OwnerTag, Store, Timestamp};
//! use challenges_testkit::DefectiveStore;
//! use challenges_proofs::explore::{Explorer, Trial};
//!
//! let create = |version| {
//!     let key = Key::new(Kind::Subject, Id::new(Timestamp::default(), OwnerTag::new(1), 1));
//!     let record = Record { key, due: None, expires: None, body: "{}".into() };
//!     Batch::new(Version::from_bytes([version; 16]), vec![Write::put(Expect::Absent, record)])
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

/// Tasks that are to meet on one store, and what has to hold once they have ended.
pub struct Trial<R> {
    tasks: Vec<Task<R>>,
    check: Check<R>,
}

impl<R: 'static> Trial<R> {
    /// No task yet. `check` is told what each of them returned, or `None` where it ended in the middle, and answers what is
    /// wrong.
    pub fn new<Fut>(check: impl FnOnce(Vec<Option<R>>) -> Fut + Send + 'static) -> Self
    where
        Fut: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self { tasks: Vec::new(), check: Box::new(|returned| Box::pin(check(returned))) }
    }

    /// Adds a task. It may wait for nothing but a store behind a [`Gate`].
    pub fn task(&mut self, task: impl Future<Output = R> + Send + 'static) {
        self.tasks.push(Box::pin(task));
    }
}

/// Tries every schedule with at most so many faults.
#[derive(Clone, Copy, Debug)]
pub struct Explorer {
    most_faults: usize,
}

/// What was tried, and found to be right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explored {
    /// Schedules, each from the start.
    pub schedules: usize,
    /// Calls of the longest.
    pub longest: usize,
}

/// One step of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// Whose step it is, by the order in which tasks were added, from 0.
    pub task: usize,
    /// What the task called.
    pub method: Method,
    /// What became of the call.
    pub turn: Turn,
}

/// A schedule after which something does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct Violation {
    /// The steps, in their order.
    pub schedule: Vec<Step>,
    /// What does not hold.
    pub complaint: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, after", self.complaint)?;
        self.schedule.iter().try_for_each(|Step { task, method, turn }| write!(f, " {task}:{method:?}:{turn:?}"))
    }
}

impl Explorer {
    /// Schedules with at most so many faults.
    #[must_use]
    pub const fn new(most_faults: usize) -> Self {
        Self { most_faults }
    }

    /// Tries every schedule of the tasks that `start` makes anew each time.
    ///
    /// # Errors
    ///
    /// [`Violation`] with the first schedule after which the check complains.
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

/// Every step that may be next.
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
            // A task that waits for anything else is never woken, which is as if it had ended there.
            Poll::Pending => scheduler.waiting().map_or(Self::Crashed, |method| Self::Waiting(task, method)),
        }
    }

    fn returned(self) -> Option<R> {
        if let Self::Returned(returned) = self { Some(returned) } else { None }
    }
}

/// The way through the tree of choices: at each, which was taken and how many there are.
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

    /// Goes on to the next way; whether there is one.
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
