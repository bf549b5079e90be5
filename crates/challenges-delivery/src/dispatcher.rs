mod hosts;
mod queue;

use std::collections::HashMap;
use std::future;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use challenges_core::outbox::{DueEntry, Errand};
use challenges_core::{Challenges, Courier, Error, OutboxId, Owner};
use tokio::sync::oneshot;
use tokio::task::{Id, JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

use hosts::{Host, Hosts};
use queue::{Admitted, Queue};

/// The number of due entries per read, besides the known ones.
const PAGE_SIZE: usize = 256;

/// The maximum page size. The page grows while entries are forgotten.
const MAX_PAGE_SIZE: usize = 65_536;

/// The shortest pause. Without a pause, entries that are due but leased would cause a busy loop.
const MIN_PAUSE: Duration = Duration::from_millis(10);

/// The shortest pause while entries wait for an owner or host. Such entries stay due, so a shorter pause would be a
/// busy loop.
const WAITING_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause. It keeps the next look within the range of `Instant`.
const MAX_PAUSE: Duration = Duration::from_secs(86_400);

/// Performs the due entries of a service's outbox in the background.
///
/// Each entry runs in a separate task. Entries committed by this process start at once. Entries of other processes
/// start within the [`poll`](Self::poll) interval.
///
/// # Limits
///
/// Hanging receivers delay only the messages of the same users. These limits apply to the attempts in flight of one
/// process:
///
/// | limit | default | an entry over the limit |
/// |---|--:|---|
/// | [`concurrency`](Self::concurrency), in total | 256 | waits for any attempt to end |
/// | [`per_owner`](Self::per_owner), for each user | 4 | waits for an attempt of the same user to end |
/// | [`per_host`](Self::per_host), for each host of push services and actions, for the SMS gateway, and for the mail server | 64 | waits for an attempt at the same host to end |
///
/// A waiting entry counts no attempt and takes nothing from a budget. Up to 16 entries of a user wait for hosts at the
/// limit without delaying the user's entries for other hosts. Up to 4,096 entries wait in memory, and others in the
/// store. The dispatcher finds an entry behind up to 65,536 older due entries, after at most nine [`poll`](Self::poll)
/// intervals. Within this number, by default, slow or hung receivers of up to 63 users delay nobody else.
/// Names that do not resolve count for longer: the look-ups of 48 users fill the share of all users
/// ([`SystemResolver`](crate::SystemResolver)), and delay no host that an operator listed.
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
    per_owner: NonZeroUsize,
    per_host: NonZeroUsize,
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
        Self {
            challenges,
            courier: Arc::new(courier),
            concurrency: NonZeroUsize::MIN.saturating_add(255),
            per_owner: NonZeroUsize::MIN.saturating_add(3),
            per_host: NonZeroUsize::MIN.saturating_add(63),
            poll: Duration::from_secs(1),
        }
    }

    /// Sets how many entries are performed in parallel, 256 by default.
    pub fn concurrency(self, concurrency: NonZeroUsize) -> Self {
        Self { concurrency, ..self }
    }

    /// Sets how many entries of one user are performed in parallel, 4 by default.
    ///
    /// Users whose receivers hang occupy this many attempts each. Keep the limit far below
    /// [`concurrency`](Self::concurrency), or a few users delay everybody.
    pub fn per_owner(self, per_owner: NonZeroUsize) -> Self {
        Self { per_owner, ..self }
    }

    /// Sets how many entries for one host are performed in parallel, 64 by default. All text messages count as one
    /// host, and all e-mails as another.
    ///
    /// Keep the limit below [`concurrency`](Self::concurrency), or a hung host delays the messages to all others.
    pub fn per_host(self, per_host: NonZeroUsize) -> Self {
        Self { per_host, ..self }
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
        let mut queue = Queue::new(self.per_owner.get());
        let hosts = Hosts::new(self.per_host.get());
        let mut page_size = PAGE_SIZE;
        let mut look_at = Instant::now();
        loop {
            if queue.is_idle() && look_at <= Instant::now() {
                woken.set(self.challenges.outbox().written());
                let limit = page_size.saturating_add(queue.len());
                let due = self.due(limit).await;
                page_size = match (queue.take_forgot(), due.len() >= limit) {
                    // Forgotten entries are older than new ones and would fill every page.
                    (true, true) => (2 * page_size).min(MAX_PAGE_SIZE),
                    // Every due entry was read, and none was forgotten.
                    (false, false) => PAGE_SIZE,
                    (true, false) | (false, true) => page_size,
                };
                let found = queue.add(due);
                let pause = match found {
                    0 => self.until_next(&queue).await,
                    PAGE_SIZE.. if !queue.is_full() => Duration::ZERO,
                    _ => self.poll,
                };
                look_at = Instant::now() + pause;
            }
            while attempts.len() < self.concurrency.get()
                && let Some(admitted) = queue.next()
            {
                self.begin(admitted, &hosts, &mut attempts);
            }
            let is_idle = queue.is_idle();
            if !is_idle && !queue.is_full() {
                // Commits go unnoticed until the queue is idle, so look again right afterwards. A full queue would find
                // forgotten entries at once, and forget them again.
                look_at = Instant::now();
            }
            tokio::select! {
                () = &mut woken, if is_idle => look_at = Instant::now(),
                () = sleep_until(look_at), if is_idle => {}
                ended = attempts.join_next() => {
                    match ended {
                        Ended::Finished { id, owner } => queue.finish(id, owner.as_ref()),
                        Ended::Refused { host, admitted } => queue.wait_for(host, admitted),
                    }
                    queue.release(&hosts);
                }
                () = &mut stopped => break,
            }
        }
        attempts.join_all().await;
    }

    /// Returns due entries, including the known entries. Known entries stay due until leased.
    async fn due(&self, limit: usize) -> Vec<DueEntry> {
        match self.challenges.outbox().due(limit).await {
            Ok(due) => due,
            Err(error) => {
                log_error(&error);
                Vec::new()
            }
        }
    }

    fn begin(&self, admitted: Admitted, hosts: &Hosts, attempts: &mut Attempts) {
        let (challenges, courier, hosts) = (self.challenges.clone(), Arc::clone(&self.courier), hosts.clone());
        let (id, owner) = (admitted.entry.id(), admitted.owner.clone());
        attempts.begin(id, owner, async move {
            let mut refused = None;
            let admit = |errand: &Errand| match Host::of(errand).map(|host| hosts.admit(host)).transpose() {
                Ok(permit) => Some(permit),
                Err(host) => {
                    refused = Some(host);
                    None
                }
            };
            if let Err(error) = challenges.outbox().attempt_admitted(&admitted.entry, &*courier, admit).await {
                log_error(&error);
            }
            refused.map(|host| (host, admitted))
        });
    }

    /// Returns the pause before the next look if nothing is due now.
    async fn until_next(&self, queue: &Queue) -> Duration {
        let shortest = if queue.has_waiting() { WAITING_PAUSE } else { MIN_PAUSE };
        match self.challenges.outbox().next_due().await {
            Ok(Some(next)) => self.challenges.now().until(next).max(shortest).min(self.poll),
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

/// The running attempts, and the entry and owner of each.
#[derive(Debug, Default)]
struct Attempts {
    tasks: JoinSet<Option<(Host, Admitted)>>,
    entries: HashMap<Id, (OutboxId, Option<Owner>)>,
}

/// The end of an attempt.
#[derive(Debug)]
enum Ended {
    Finished {
        id: OutboxId,
        owner: Option<Owner>,
    },
    /// The host is at the limit, so nothing was attempted.
    Refused {
        host: Host,
        admitted: Admitted,
    },
}

impl Attempts {
    fn len(&self) -> usize {
        self.tasks.len()
    }

    fn begin(
        &mut self,
        id: OutboxId,
        owner: Option<Owner>,
        task: impl Future<Output = Option<(Host, Admitted)>> + Send + 'static,
    ) {
        let begun = self.tasks.spawn(task);
        self.entries.insert(begun.id(), (id, owner));
    }

    /// Waits for an attempt to end; forever if there is none.
    async fn join_next(&mut self) -> Ended {
        loop {
            let (task, refused) = match self.tasks.join_next_with_id().await {
                Some(Ok((task, refused))) => (task, refused),
                // The result of a panicking courier is unknown. The entry is due again after its lease.
                Some(Err(panicked)) => (panicked.id(), None),
                None => future::pending().await,
            };
            match (self.entries.remove(&task), refused) {
                (_, Some((host, admitted))) => return Ended::Refused { host, admitted },
                (Some((id, owner)), None) => return Ended::Finished { id, owner },
                (None, None) => {}
            }
        }
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
