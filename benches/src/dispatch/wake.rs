//! The delay of the dispatcher: from the commit that queues an action to the call of the courier.

use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use challenges_core::outbox::{Failure, Job};
use challenges_core::store::{Batch, Commit, Id, Kind as Of, Load, StoreError, Stored};
use challenges_core::{Challenges, Courier, KeyRing, Store, Timestamp};
use challenges_delivery::Dispatcher;
use challenges_postgres::PostgresOptions;
use challenges_proofs::postgres::PostgresServer;
use tokio::sync::{Notify, mpsc};

use crate::arguments::Arguments;
use crate::backend::{Backend, Kind, Opened, POSTGRES_SERVER};
use crate::callers::{self, MANY};
use crate::host::user;
use crate::measure::{median, quantile, sorted};
use crate::operation::approve;
use crate::report::{Section, micros};

const ACTIONS: usize = 500;

/// The name of the measurement between two services.
const NOTIFIED: &str = "postgres dispatch by another service";

/// Measures the delay of one action after another.
pub(crate) fn run(arguments: &Arguments) -> Option<Section> {
    let name = |kind: &Kind| format!("{} dispatch of one action after another", kind.name);
    let wanted: Vec<_> = Kind::all().filter(|kind| arguments.wants(&name(kind))).collect();
    if wanted.is_empty() && !arguments.wants(NOTIFIED) {
        return None;
    }
    let about = "From the commit that queues an action to the call of the courier, one action after another: wake-up, look-up \
                 and lease, which is a commit. *Another service* has a store and connections of its own, and is woken by \
                 `NOTIFY`. For comparison, the wake-up time of a bare task on the same runtime.";
    let header = ["", "p50", "p99", "p50 of a bare task"];
    let mut section = Section::new("Delay of the dispatcher", about, &header);
    let actions = if arguments.quick { ACTIONS / 10 } else { ACTIONS };
    let mut row = |name: &str, (delays, bare): Delays| {
        let delays = sorted(delays);
        let cells = [quantile(&delays, 0.5), quantile(&delays, 0.99), median(bare)].map(micros);
        section.row([vec![name.to_owned()], cells.to_vec()].concat());
    };
    for kind in wanted {
        row(kind.name, callers::runtime(MANY).block_on(within(&*(kind.start)(), actions)));
    }
    if arguments.wants(NOTIFIED) {
        row("postgres, another service", callers::runtime(MANY).block_on(between(actions)));
    }
    Some(section)
}

/// The delays, and those of a bare task.
type Delays = (Vec<f64>, Vec<f64>);

/// Measures a dispatcher of the same service.
async fn within(backend: &dyn Backend, actions: usize) -> Delays {
    let Opened { store, files } = backend.open().await;
    let (store, committed) = Stamped::new(store);
    let challenges = service(store, KeyRing::generate().unwrap()).await;
    let delays = measure(&challenges, &challenges, &committed, actions).await;
    drop(files);
    delays
}

/// Measures the dispatcher of another service on the same PostgreSQL server.
async fn between(actions: usize) -> Delays {
    let server = PostgresServer::start_on_disk(&POSTGRES_SERVER).map_err(|error| error.to_string()).unwrap();
    let open = async || PostgresOptions::new().notify(true).connect(&server.url()).await.unwrap();
    let (store, committed) = Stamped::new(Arc::new(open().await));
    let ring = KeyRing::generate().unwrap().to_text();
    let deciding = service(store, ring.parse().unwrap()).await;
    let listening = open().await;
    let dispatching = service(listening.clone(), ring.parse().unwrap()).await;
    let (listens, mut woken) = mpsc::unbounded_channel();
    let waker = dispatching.clone();
    let listener = tokio::spawn(async move {
        let wake = || {
            waker.outbox().wake();
            // The receiver is dropped after the first wake-up.
            let _ = listens.send(());
        };
        listening.listen(wake).await
    });
    woken.recv().await.unwrap();
    drop(woken);
    let delays = measure(&deciding, &dispatching, &committed, actions).await;
    listener.abort();
    delays
}

async fn service(store: impl Store, keys: KeyRing) -> Challenges {
    Challenges::builder(store, keys).build().await.unwrap()
}

async fn measure(
    deciding: &Challenges,
    dispatching: &Challenges,
    committed: &Mutex<Instant>,
    actions: usize,
) -> Delays {
    let (performed, mut performances) = mpsc::unbounded_channel();
    let running = Dispatcher::new(dispatching.clone(), Stopwatch(performed)).spawn();
    let (mut delays, mut bare) = (Vec::new(), Vec::new());
    for number in 0..actions {
        approve(deciding, user(number), "https://hooks.example/done", 1).await;
        let at: Instant = performances.recv().await.unwrap();
        delays.push(at.saturating_duration_since(*committed.lock().unwrap()).as_secs_f64());
        bare.push(wake_up().await.as_secs_f64());
    }
    running.stop().await;
    (delays, bare)
}

/// Returns the time from notifying a waiting task until it runs.
async fn wake_up() -> Duration {
    let told = Arc::new(Notify::new());
    let (waits, waiting) = tokio::sync::oneshot::channel();
    let woken = {
        let told = Arc::clone(&told);
        tokio::spawn(async move {
            let told = told.notified();
            waits.send(()).unwrap();
            told.await;
            Instant::now()
        })
    };
    waiting.await.unwrap();
    let start = Instant::now();
    told.notify_waiters();
    woken.await.unwrap().saturating_duration_since(start)
}

/// A courier that reports the time of each call.
#[derive(Debug)]
struct Stopwatch(mpsc::UnboundedSender<Instant>);

#[async_trait]
impl Courier for Stopwatch {
    async fn perform(&self, _: &Job) -> Result<Option<u16>, Failure> {
        // The receiver is dropped only at the end of the run.
        let _ = self.0.send(Instant::now());
        Ok(Some(200))
    }
}

/// A store that records the time of the last commit with a new outbox entry.
#[derive(Debug)]
struct Stamped {
    store: Arc<dyn Store>,
    committed: Arc<Mutex<Instant>>,
}

impl Stamped {
    /// Returns a store, and the time of its last commit with a new outbox entry.
    fn new(store: Arc<dyn Store>) -> (Self, Arc<Mutex<Instant>>) {
        let committed = Arc::new(Mutex::new(Instant::now()));
        (Self { store, committed: Arc::clone(&committed) }, committed)
    }
}

#[async_trait]
impl Store for Stamped {
    async fn load(&self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        self.store.load(request).await
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        let mut writes = batch.writes().iter();
        let is_new = writes.any(|write| write.key().kind == Of::Outbox && write.expected().is_none());
        let commit = self.store.commit(batch).await?;
        if is_new {
            *self.committed.lock().unwrap() = Instant::now();
        }
        Ok(commit)
    }

    async fn list(
        &self,
        kind: Of,
        owner: Option<u64>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        self.store.list(kind, owner, after, limit).await
    }

    async fn due(&self, kind: Of, shards: Range<u16>, now: Timestamp, limit: usize) -> Result<Vec<Stored>, StoreError> {
        self.store.due(kind, shards, now, limit).await
    }

    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.store.purge(shards, before, limit).await
    }
}
