use std::collections::{HashMap, VecDeque};
use std::future;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use challenges_core::outbox::DueEntry;
use challenges_core::{Challenges, Courier, Error, OutboxId};
use tokio::sync::oneshot;
use tokio::task::{Id, JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

/// The number of due entries per read.
const PAGE_SIZE: usize = 256;

/// The shortest pause. It avoids a busy loop over entries that are due but leased.
const MIN_PAUSE: Duration = Duration::from_millis(10);

/// The longest pause. It keeps the next look within the range of `Instant`.
const MAX_PAUSE: Duration = Duration::from_secs(86_400);

/// Performs the due entries of a service's outbox in the background.
///
/// Each entry runs in a separate task, up to [`concurrency`](Self::concurrency) in parallel. Entries committed by this
/// process start at once. Entries of other processes start within the [`poll`](Self::poll) interval.
///
/// Slow receivers delay others only by occupying all [`concurrency`](Self::concurrency) tasks. The others then wait for
/// at most the time limit of an attempt, each time.
///
/// Run a dispatcher in every process of the application; dispatchers share the work. When a process dies, another
/// process performs the same entries after the leases end.
///
/// # Examples
///
/// ```no_run
/// use challenges_core::Challenges;
/// use challenges_delivery::{Delivery, Dispatcher};
///
/// # async fn start(challenges: Challenges, delivery: Delivery) {
/// let dispatcher = Dispatcher::new(challenges, delivery).spawn();
/// // ... serve ...
/// dispatcher.stop().await;
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a dispatcher does nothing until it is spawned"]
pub struct Dispatcher {
    challenges: Challenges,
    courier: Arc<dyn Courier>,
    concurrency: NonZeroUsize,
    poll: Duration,
}

/// A handle of a running dispatcher. Dropping the handle does not stop the dispatcher, which runs as long as the
/// runtime.
#[derive(Debug)]
pub struct RunningDispatcher {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Dispatcher {
    /// Creates a dispatcher that performs entries with `courier`.
    pub fn new(challenges: Challenges, courier: impl Courier) -> Self {
        let concurrency = NonZeroUsize::MIN.saturating_add(63);
        Self { challenges, courier: Arc::new(courier), concurrency, poll: Duration::from_secs(1) }
    }

    /// Sets how many entries are performed in parallel, 64 by default.
    pub fn concurrency(self, concurrency: NonZeroUsize) -> Self {
        Self { concurrency, ..self }
    }

    /// Sets how often to look for entries of other processes: every second by default, from 10 milliseconds to 1 day.
    /// Other values are clamped.
    pub fn poll(self, poll: Duration) -> Self {
        Self { poll: poll.clamp(MIN_PAUSE, MAX_PAUSE), ..self }
    }

    /// Starts the dispatcher as a task of the current tokio runtime.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    pub fn spawn(self) -> RunningDispatcher {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move { self.run(stopped).await });
        RunningDispatcher { stop, task }
    }

    async fn run(self, stopped: oneshot::Receiver<()>) {
        // A dropped handle does not stop the dispatcher.
        let mut stopped = pin!(async {
            if stopped.await.is_err() {
                future::pending().await
            }
        });
        // Registered before each look and kept until the next one, so that no commit in between is missed.
        let mut woken = pin!(self.challenges.outbox().written());
        let mut attempts = Attempts::default();
        let mut backlog = VecDeque::new();
        let mut look_at = Instant::now();
        loop {
            if backlog.is_empty() && look_at <= Instant::now() {
                woken.set(self.challenges.outbox().written());
                backlog = self.due(&attempts).await;
                let pause = match backlog.len() {
                    0 => self.until_next().await,
                    PAGE_SIZE.. => Duration::ZERO,
                    _ => self.poll,
                };
                look_at = Instant::now() + pause;
            }
            while attempts.len() < self.concurrency.get()
                && let Some(entry) = backlog.pop_front()
            {
                self.begin(entry, &mut attempts);
            }
            let is_idle = backlog.is_empty();
            if !is_idle {
                // Commits go unnoticed until the backlog is empty, so look again right afterwards.
                look_at = Instant::now();
            }
            tokio::select! {
                () = &mut woken, if is_idle => look_at = Instant::now(),
                () = sleep_until(look_at), if is_idle => {}
                () = attempts.join_next() => {}
                () = &mut stopped => break,
            }
        }
        attempts.join_all().await;
    }

    /// Returns the due entries without an attempt of this process. A new attempt may not hold a lease yet.
    async fn due(&self, attempts: &Attempts) -> VecDeque<DueEntry> {
        match self.challenges.outbox().due(PAGE_SIZE.saturating_add(attempts.len())).await {
            Ok(due) => due.into_iter().filter(|entry| !attempts.has(entry.id())).collect(),
            Err(error) => {
                log_error(&error);
                VecDeque::new()
            }
        }
    }

    fn begin(&self, entry: DueEntry, attempts: &mut Attempts) {
        let (challenges, courier) = (self.challenges.clone(), Arc::clone(&self.courier));
        attempts.begin(entry.id(), async move {
            if let Err(error) = challenges.outbox().attempt(&entry, &*courier).await {
                log_error(&error);
            }
        });
    }

    /// Returns the pause before the next look if nothing is due now.
    async fn until_next(&self) -> Duration {
        match self.challenges.outbox().next_due().await {
            Ok(Some(next)) => self.challenges.now().until(next).clamp(MIN_PAUSE, self.poll),
            Ok(None) | Err(_) => self.poll,
        }
    }
}

impl RunningDispatcher {
    /// Stops starting attempts, and waits for the running attempts to end.
    pub async fn stop(self) {
        // Both fail only if the runtime is shutting down and has dropped the task.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

/// The running attempts, and the entry of each.
#[derive(Debug, Default)]
struct Attempts {
    tasks: JoinSet<()>,
    entries: HashMap<Id, OutboxId>,
}

impl Attempts {
    fn len(&self) -> usize {
        self.tasks.len()
    }

    fn has(&self, entry: OutboxId) -> bool {
        self.entries.values().any(|begun| *begun == entry)
    }

    fn begin(&mut self, entry: OutboxId, task: impl Future<Output = ()> + Send + 'static) {
        let begun = self.tasks.spawn(task);
        self.entries.insert(begun.id(), entry);
    }

    /// Waits for an attempt to end; forever if there is none.
    async fn join_next(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => self.entries.remove(&id),
            // The result of a panicking courier is unknown. The entry is due again after its lease.
            Some(Err(panicked)) => self.entries.remove(&panicked.id()),
            None => future::pending().await,
        };
    }

    async fn join_all(&mut self) {
        while self.len() > 0 {
            self.join_next().await;
        }
    }
}

fn log_error(error: &Error) {
    tracing::warn!(error = error as &dyn std::error::Error, "cannot process the outbox; retrying");
}
