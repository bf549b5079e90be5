//! The SQLite floor: raw SQLite with the table and durability of the store, `synchronous=FULL` and a write-ahead log.

mod statements;

use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use challenges_core::store::Stored;
use challenges_sqlite::SqliteStore;
use rusqlite::Connection;

use super::Floor;
use crate::callers;
use crate::trace::Step;

/// The default of the store.
const READERS: usize = 4;

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

/// A write connection that commits after as many steps as there are callers, the largest group that may wait, and read
/// connections. No step waits for the commit, so that no thread has to be woken.
pub(crate) struct Grouped {
    writer: Mutex<Writer>,
    readers: Vec<Mutex<Connection>>,
}

struct Writer {
    connection: Connection,
    /// The number of steps in the open transaction.
    steps: usize,
}

impl Grouped {
    pub(crate) fn new(path: &Path) -> Self {
        drop(SqliteStore::open(path).unwrap());
        let readers = (0..READERS).map(|_| Mutex::new(connect(path))).collect();
        Self { writer: Mutex::new(Writer { connection: connect(path), steps: 0 }), readers }
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        let free = self.readers.iter().find_map(|reader| reader.try_lock().ok());
        free.unwrap_or_else(|| self.readers[0].lock().unwrap())
    }
}

impl Floor for Grouped {
    type Ready = Step;

    async fn fill(&self, stored: Vec<Stored>) {
        statements::fill(&self.writer.lock().unwrap().connection, &stored);
    }

    fn ready(&self, step: &Step) -> Step {
        step.clone()
    }

    async fn take(&self, step: Step) {
        if matches!(step, Step::Load(..) | Step::List(..)) {
            statements::take(&self.reader(), &step);
            return;
        }
        let mut writer = self.writer.lock().unwrap();
        if writer.steps == 0 {
            statements::begin(&writer.connection);
        }
        statements::take(&writer.connection, &step);
        writer.steps += 1;
        if writer.steps == callers::MANY {
            statements::end(&writer.connection);
            writer.steps = 0;
        }
    }
}
