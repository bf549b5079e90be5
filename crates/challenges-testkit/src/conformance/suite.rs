use std::fmt;
use std::future::Future;
use std::pin::Pin;

use challenges_core::Store;

use super::fixture::Fixture;
use super::open::Open;
use super::{Case, Failure, Tally};

/// A task of a concurrent case.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(super) type Spawner = Box<dyn Fn(Task) -> Task + Send + Sync>;

/// The configuration of the suite for one kind of store.
///
/// # Examples
///
/// ```
/// use challenges_testkit::DefectiveStore;
/// use challenges_testkit::conformance::{Case, Suite};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let suite = Suite::new(|| async { DefectiveStore::sound() })
///     .rounds(3)
///     .tasks(&[2, 16])
///     .spawner(|task| Box::pin(async { tokio::spawn(task).await.unwrap() }));
/// suite.check(Case::OneWinner).await?;
/// # Ok::<(), challenges_testkit::conformance::Failure>(())
/// # }).unwrap();
/// ```
pub struct Suite {
    pub(super) open: Open,
    pub(super) spawner: Spawner,
    pub(super) tasks: Vec<usize>,
    pub(super) rounds: usize,
    pub(super) seed: u64,
}

impl Suite {
    /// Creates a suite with default settings. `open` must return a new, empty store on each call.
    pub fn new<S, F, Fut>(open: F) -> Self
    where
        S: Store,
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = S> + Send + 'static,
    {
        Self { open: Open::new(open), spawner: Box::new(|task| task), tasks: vec![2, 16, 64, 256], rounds: 10, seed: 0 }
    }

    /// Sets how many rounds each race runs for each number of tasks. Default: 10.
    #[must_use]
    pub const fn rounds(mut self, rounds: usize) -> Self {
        self.rounds = rounds;
        self
    }

    /// Sets the numbers of tasks for races. Default: 2, 16, 64 and 256.
    #[must_use]
    pub fn tasks(mut self, tasks: &[usize]) -> Self {
        self.tasks = tasks.to_vec();
        self
    }

    /// Spawns the tasks of races on the caller's runtime.
    ///
    /// `spawn` starts a task and returns a future that completes when the task ends.
    #[must_use]
    pub fn spawner(mut self, spawn: impl Fn(Task) -> Task + Send + Sync + 'static) -> Self {
        self.spawner = Box::new(spawn);
        self
    }

    /// Sets the seed for random histories. Default: 0.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Runs one case.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the store breaks the contract.
    pub async fn check(&self, case: Case) -> Result<(), Failure> {
        let fixture = Fixture::new(self.open.open().await, self);
        case.run(&fixture).await.map_err(|complaint| Failure { case, complaint })
    }

    /// Runs one case `times` times, each on a new store, and counts the failures.
    ///
    /// With one [round](Self::rounds), the tally shows how often a defective store passes a race by luck.
    pub async fn tally(&self, case: Case, times: usize) -> Tally {
        let mut failed = 0;
        for _ in 0..times {
            failed += usize::from(self.check(case).await.is_err());
        }
        Tally { case, times, failed }
    }

    /// Runs every case and returns the failures.
    pub async fn failures(&self) -> Vec<Failure> {
        let mut failures = Vec::new();
        for case in Case::ALL {
            failures.extend(self.check(*case).await.err());
        }
        failures
    }
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tasks, rounds, seed, open: _, spawner: _ } = self;
        let mut suite = f.debug_struct("Suite");
        suite.field("tasks", tasks).field("rounds", rounds).field("seed", seed).finish_non_exhaustive()
    }
}
