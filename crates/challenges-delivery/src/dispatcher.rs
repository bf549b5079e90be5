use std::collections::{HashMap, VecDeque};
use std::future;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use challenges_core::{Challenges, Courier, DueEntry, Error, OutboxId};
use tokio::sync::oneshot;
use tokio::task::{Id, JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

/// Entries that are looked up at once.
const BACKLOG: usize = 256;

/// The shortest pause: what is due at once and cannot be performed, being leased just now, is no reason to spin.
const SOONEST: Duration = Duration::from_millis(10);

/// The longest pause: a time from now that there is.
const LATEST: Duration = Duration::from_secs(86_400);

/// Keeps the outbox of a service empty: it performs what is due, each entry in a task of its own, as many at once as
/// [`Dispatcher::at_once`] says. What this process commits is begun at once, what other processes left within a second. While
/// that many receivers are slow, the others wait, each time for as long as an attempt may take: messages to several
/// endpoints, and actions, are for hosts that answer.
///
/// Run one in each process of the application: they share the work. An entry whose process died is performed by another
/// one when its lease ends.
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
    at_once: NonZeroUsize,
    poll: Duration,
}

/// A dispatcher that runs. Dropping this leaves it running, for as long as the runtime does.
#[derive(Debug)]
pub struct RunningDispatcher {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Dispatcher {
    /// A dispatcher that has the entries performed by that courier.
    pub fn new(challenges: Challenges, courier: impl Courier) -> Self {
        let at_once = NonZeroUsize::MIN.saturating_add(63);
        Self { challenges, courier: Arc::new(courier), at_once, poll: Duration::from_secs(1) }
    }

    /// How many entries are performed at once; 64 unless set.
    pub fn at_once(self, at_once: NonZeroUsize) -> Self {
        Self { at_once, ..self }
    }

    /// How often to look for what other processes left behind; every second unless set. What is shorter than 10 milliseconds
    /// is raised to that, and what is longer than a day cut to a day.
    pub fn poll(self, poll: Duration) -> Self {
        Self { poll: poll.clamp(SOONEST, LATEST), ..self }
    }

    /// Starts it, in a task of the tokio runtime that this is called on.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn spawn(self) -> RunningDispatcher {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move { self.run(stopped).await });
        RunningDispatcher { stop, task }
    }

    async fn run(self, stopped: oneshot::Receiver<()>) {
        // Whoever dropped the other end has no wish to stop.
        let mut stopped = pin!(async {
            if stopped.await.is_err() {
                future::pending().await
            }
        });
        // It listens from before a look to the next look, whatever else ends meanwhile.
        let mut woken = pin!(self.challenges.outbox_woken());
        let mut under_way = UnderWay::default();
        let mut backlog = VecDeque::new();
        let mut look_at = Instant::now();
        loop {
            if backlog.is_empty() && look_at <= Instant::now() {
                woken.set(self.challenges.outbox_woken());
                backlog = self.due(&under_way).await;
                let pause = match backlog.len() {
                    0 => self.until_next().await,
                    BACKLOG.. => Duration::ZERO,
                    _ => self.poll,
                };
                look_at = Instant::now() + pause;
            }
            while under_way.len() < self.at_once.get()
                && let Some(entry) = backlog.pop_front()
            {
                self.begin(entry, &mut under_way);
            }
            let waits = backlog.is_empty();
            if !waits {
                // Nobody listens until these are begun.
                look_at = Instant::now();
            }
            tokio::select! {
                () = &mut woken, if waits => look_at = Instant::now(),
                () = sleep_until(look_at), if waits => {}
                () = under_way.one_ends() => {}
                () = &mut stopped => break,
            }
        }
        under_way.all_end().await;
    }

    /// What is due and not under way: what was begun a moment ago may not be leased yet.
    async fn due(&self, under_way: &UnderWay) -> VecDeque<DueEntry> {
        match self.challenges.due_entries(BACKLOG.saturating_add(under_way.len())).await {
            Ok(due) => due.into_iter().filter(|entry| !under_way.has(entry.id())).collect(),
            Err(error) => {
                complain(&error);
                VecDeque::new()
            }
        }
    }

    fn begin(&self, entry: DueEntry, under_way: &mut UnderWay) {
        let (challenges, courier) = (self.challenges.clone(), Arc::clone(&self.courier));
        under_way.begin(entry.id(), async move {
            if let Err(error) = challenges.attempt(&entry, &*courier).await {
                complain(&error);
            }
        });
    }

    /// How long nothing is due, as far as is known.
    async fn until_next(&self) -> Duration {
        match self.challenges.next_due().await {
            Ok(Some(next)) => self.challenges.now().until(next).clamp(SOONEST, self.poll),
            Ok(None) | Err(_) => self.poll,
        }
    }
}

impl RunningDispatcher {
    /// Begins nothing any more, and waits until what was begun has ended.
    pub async fn stop(self) {
        // It has ended by itself only when the runtime is going down.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

/// The tasks of the entries that are being performed.
#[derive(Debug, Default)]
struct UnderWay {
    tasks: JoinSet<()>,
    entries: HashMap<Id, OutboxId>,
}

impl UnderWay {
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

    /// Waits for one of them to end; for ever, when there is none.
    async fn one_ends(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => self.entries.remove(&id),
            // A courier that panics has performed nothing that anybody knows of: the entry is due again after its lease.
            Some(Err(panicked)) => self.entries.remove(&panicked.id()),
            None => future::pending().await,
        };
    }

    async fn all_end(&mut self) {
        while self.len() > 0 {
            self.one_ends().await;
        }
    }
}

fn complain(error: &Error) {
    tracing::warn!(error = error as &dyn std::error::Error, "the outbox cannot be worked off just now; trying again");
}
