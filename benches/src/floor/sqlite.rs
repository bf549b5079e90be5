//! The SQLite floor: raw SQLite with the table and durability of the store, `synchronous=FULL` and a write-ahead log.

mod statements;

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard};

use challenges_core::store::Stored;
use challenges_sqlite::SqliteStore;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::Floor;
use crate::trace::Step;

/// The default of the store.
const READERS: usize = 4;

/// The maximum number of steps per transaction.
const GROUP: usize = 512;

fn connect(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL").unwrap();
    connection.set_prepared_statement_cache_capacity(32);
    connection
}

/// A single connection, used on the caller's thread.
pub(crate) struct Alone(Mutex<Connection>);

impl Alone {
    pub(crate) fn new(path: &Path) -> Self {
        drop(SqliteStore::open(path).unwrap());
        Self(Mutex::new(connect(path)))
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

/// A writer thread with group commit, and read connections.
pub(crate) struct Grouped {
    jobs: Sender<(Step, oneshot::Sender<()>)>,
    readers: Vec<Mutex<Connection>>,
    fill: Mutex<Connection>,
}

impl Grouped {
    pub(crate) fn new(path: &Path) -> Self {
        drop(SqliteStore::open(path).unwrap());
        let (jobs, waiting) = channel();
        let (writer, fill) = (connect(path), connect(path));
        std::thread::spawn(move || write(&writer, &waiting));
        Self { jobs, readers: (0..READERS).map(|_| Mutex::new(connect(path))).collect(), fill: Mutex::new(fill) }
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        let free = self.readers.iter().find_map(|reader| reader.try_lock().ok());
        free.unwrap_or_else(|| self.readers[0].lock().unwrap())
    }
}

impl Floor for Grouped {
    type Ready = Step;

    async fn fill(&self, stored: Vec<Stored>) {
        statements::fill(&self.fill.lock().unwrap(), &stored);
    }

    fn ready(&self, step: &Step) -> Step {
        step.clone()
    }

    async fn take(&self, step: Step) {
        if matches!(step, Step::Load(..) | Step::List(..)) {
            statements::take(&self.reader(), &step);
            return;
        }
        let (done, written) = oneshot::channel();
        self.jobs.send((step, done)).unwrap();
        written.await.unwrap();
    }
}

fn write(connection: &Connection, waiting: &Receiver<(Step, oneshot::Sender<()>)>) {
    while let Ok(first) = waiting.recv() {
        let group: Vec<_> = std::iter::once(first).chain(waiting.try_iter().take(GROUP - 1)).collect();
        statements::in_transaction(connection, || {
            group.iter().for_each(|(step, _)| statements::take(connection, step));
        });
        for (_, done) in group {
            done.send(()).unwrap();
        }
    }
}
