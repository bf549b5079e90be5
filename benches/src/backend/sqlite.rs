//! SQLite. The floor is SQLite with a schema of its own, hand-written for this load, on the same connection settings.

mod statements;

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use challenges_core::store::Stored;
use challenges_sqlite::{SqliteOptions, Synchronous};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::{Backend, Kind, Opened};
use crate::callers;
use crate::floor::{self, Floor, Live, Replay, Signature};
use crate::trace::{Step, Trace};

pub(crate) static KIND: Kind = Kind {
    name: "sqlite",
    floor: "Floor: raw `rusqlite` with prepared statements, on a hand-written table with shorter \
            indices, and `synchronous=FULL`. 1 caller: on the caller's thread. 64 callers: a writer thread that commits 64 steps at \
            once, for which no step waits, four read connections, and a thread for checkpoints.",
    start: || Box::new(Sqlite { synchronous: Synchronous::Full, is_in_place: false }),
    largest: 1_000_000,
    is_variant: false,
    is_in_place: false,
};

pub(crate) static NORMAL: Kind = Kind {
    name: "sqlite NORMAL",
    floor: "Floor: as for sqlite, with `synchronous=NORMAL`.",
    start: || Box::new(Sqlite { synchronous: Synchronous::Normal, is_in_place: false }),
    largest: 0,
    is_variant: true,
    is_in_place: false,
};

pub(crate) static IN_PLACE: Kind = Kind {
    name: "sqlite in place",
    floor: "Floor: as for sqlite.",
    start: || Box::new(Sqlite { synchronous: Synchronous::Full, is_in_place: true }),
    largest: 0,
    is_variant: true,
    is_in_place: true,
};

pub(crate) static NORMAL_IN_PLACE: Kind = Kind {
    name: "sqlite NORMAL in place",
    floor: "Floor: as for sqlite, with `synchronous=NORMAL`.",
    start: || Box::new(Sqlite { synchronous: Synchronous::Normal, is_in_place: true }),
    largest: 0,
    is_variant: true,
    is_in_place: true,
};

/// The number of read connections, the default of the store.
const READERS: usize = 4;

struct Sqlite {
    synchronous: Synchronous,
    /// Commits a lone caller on the thread of the caller.
    is_in_place: bool,
}

#[async_trait]
impl Backend for Sqlite {
    async fn open(&self) -> Opened {
        let files = TempDir::new().unwrap();
        let mut options = SqliteOptions::new().synchronous(self.synchronous);
        if self.is_in_place {
            options = options.commit_in_place(|commit| tokio::task::block_in_place(commit));
        }
        let store = options.open(files.path().join("challenges.db")).unwrap();
        Opened { store: Arc::new(store), files: Some(files) }
    }

    async fn replay(&self, trace: &Trace, callers: usize, signature: Option<Arc<Signature>>) -> Box<dyn Replay> {
        match callers {
            1 => floor::replay(Alone::new(self.synchronous), trace, callers, signature).await,
            _ => floor::replay(Grouped::new(self.synchronous, Waits::ForTheEnd), trace, callers, signature).await,
        }
    }

    async fn live(&self, callers: usize) -> Arc<dyn Live> {
        match callers {
            1 => floor::live(Alone::new(self.synchronous)),
            _ => floor::live(Grouped::new(self.synchronous, Waits::ForEachCommit)),
        }
    }

    fn used(&self, opened: &Opened) -> f64 {
        let files = std::fs::read_dir(opened.files.as_ref().unwrap().path()).unwrap();
        files.map(|file| file.unwrap().metadata().unwrap().len() as f64).sum()
    }
}

fn connect(path: &Path, synchronous: Synchronous) -> Connection {
    let connection = Connection::open(path).unwrap();
    let synchronous = if synchronous == Synchronous::Full { "FULL" } else { "NORMAL" };
    connection.execute_batch(&format!("PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}")).unwrap();
    // Otherwise SQLite compiles a statement again whenever a bound limit changes.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).unwrap();
    connection.set_prepared_statement_cache_capacity(32);
    connection
}

/// Creates a database, and returns its directory and a connection.
fn create(synchronous: Synchronous) -> (TempDir, Connection) {
    let files = TempDir::new().unwrap();
    let connection = connect(&files.path().join("floor.db"), synchronous);
    connection.execute_batch(statements::SCHEMA).unwrap();
    (files, connection)
}

/// A single connection, used on the caller's thread.
struct Alone(Mutex<Connection>, #[expect(dead_code, reason = "deleted on drop")] TempDir);

impl Alone {
    fn new(synchronous: Synchronous) -> Self {
        let (files, connection) = create(synchronous);
        Self(Mutex::new(connection), files)
    }
}

impl Floor for Alone {
    type Ready = Step;

    async fn fill(&self, stored: Vec<Stored>) {
        statements::fill(&self.0.lock().unwrap(), &stored);
    }

    fn ready(&self, step: &Step) -> Step {
        step.clone()
    }

    async fn take(&self, step: Step) {
        let connection = self.0.lock().unwrap();
        match &step {
            Step::Commit(batch) if batch.writes().len() > 1 => {
                statements::in_transaction(&connection, || statements::take(&connection, &step));
            }
            _ => statements::take(&connection, &step),
        }
    }
}

/// What a write waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waits {
    /// The commit of its group.
    ForEachCommit,
    /// Nothing. [`Floor::finish`] waits for all commits.
    ForTheEnd,
}

/// The number of transactions between two checkpoints by the thread, and the pages of the log at which the writer checkpoints.
const INTERVAL: (usize, u32) = (32, 8_192);

/// A writer thread that commits all waiting writes at once, at most as many as there are callers, read connections, and a
/// thread for checkpoints.
struct Grouped {
    writes: Sender<Job>,
    readers: Vec<Mutex<Connection>>,
    waits: Waits,
    _files: TempDir,
}

enum Job {
    Fill(Vec<Stored>),
    Step(Step, Option<oneshot::Sender<()>>),
    Finish(oneshot::Sender<()>),
}

impl Grouped {
    fn new(synchronous: Synchronous, waits: Waits) -> Self {
        let (files, writer) = create(synchronous);
        let path = files.path().join("floor.db");
        let readers = (0..READERS).map(|_| Mutex::new(connect(&path, synchronous))).collect();
        let (writes, waiting) = channel();
        let (wake, woken) = channel::<()>();
        let log = connect(&path, Synchronous::Full);
        let checkpoint =
            |connection: &Connection| connection.query_row("PRAGMA wal_checkpoint", [], |_| Ok(())).unwrap();
        std::thread::spawn(move || woken.iter().for_each(|()| checkpoint(&log)));
        writer.execute_batch(&format!("PRAGMA wal_autocheckpoint = {}", INTERVAL.1)).unwrap();
        std::thread::spawn(move || write(&writer, &waiting, waits, &wake));
        Self { writes, readers, waits, _files: files }
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        let free = self.readers.iter().find_map(|reader| reader.try_lock().ok());
        free.unwrap_or_else(|| self.readers[0].lock().unwrap())
    }
}

/// Runs the jobs until the floor is dropped.
fn write(connection: &Connection, waiting: &Receiver<Job>, waits: Waits, wake: &Sender<()>) {
    for transaction in 1.. {
        let Ok(first) = waiting.recv() else { return };
        let mut replies = Vec::new();
        // Without callers that wait, a group waits until it is full, or no step follows.
        let more =
            std::iter::from_fn(
                || if waits == Waits::ForTheEnd { waiting.recv().ok() } else { waiting.try_recv().ok() },
            );
        statements::in_transaction(connection, || {
            for job in std::iter::once(first).chain(more).take(callers::MANY) {
                match job {
                    Job::Fill(stored) => statements::insert_all(connection, &stored),
                    Job::Step(step, reply) => {
                        statements::take(connection, &step);
                        replies.extend(reply);
                    }
                    Job::Finish(reply) => {
                        replies.push(reply);
                        break;
                    }
                }
            }
        });
        for reply in replies {
            // A caller waits until the reply, unless the run has failed.
            let _ = reply.send(());
        }
        if transaction % INTERVAL.0 == 0 {
            wake.send(()).unwrap();
        }
    }
}

impl Floor for Grouped {
    type Ready = Step;

    async fn fill(&self, stored: Vec<Stored>) {
        self.writes.send(Job::Fill(stored)).unwrap();
    }

    fn ready(&self, step: &Step) -> Step {
        step.clone()
    }

    async fn take(&self, step: Step) {
        if matches!(step, Step::Load(..) | Step::List(..)) {
            statements::take(&self.reader(), &step);
        } else if self.waits == Waits::ForEachCommit {
            let (reply, done) = oneshot::channel();
            self.writes.send(Job::Step(step, Some(reply))).unwrap();
            done.await.unwrap();
        } else {
            self.writes.send(Job::Step(step, None)).unwrap();
            // Another caller goes first, as if this one waited, so that the calls keep their order.
            tokio::task::yield_now().await;
        }
    }

    async fn finish(&self) {
        let (reply, done) = oneshot::channel();
        self.writes.send(Job::Finish(reply)).unwrap();
        done.await.unwrap();
    }
}
