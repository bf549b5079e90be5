use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::place::Place;

/// The number of written records between two checkpoints. A record takes up to four pages of the log.
const INTERVAL: usize = 512;

/// The size of the log, in pages, at which a purge waits for the thread: 16 MiB.
const LONG_LOG: u32 = 4_096;

/// The size of the log, in pages, at which the writer checkpoints too: 32 MiB.
///
/// The thread copies the log while the writer extends the log. SQLite starts the log from the beginning only after a commit
/// that finds everything copied, so under constant load the writer copies the rest from time to time.
pub(crate) const LONGEST_LOG: u32 = 2 * LONG_LOG;

/// The maximum number of checkpoints in a row.
const IN_A_ROW: usize = 8;

/// Copies the log into the database, on a thread with a separate connection.
///
/// A checkpoint syncs the database, which takes many times as long as a commit. By default SQLite checkpoints in a commit, and
/// all waiting commits would wait too.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    log: Arc<Log>,
    tasks: Option<Sender<Task>>,
    thread: Option<JoinHandle<()>>,
    process: u32,
}

#[derive(Debug, Default)]
struct Log {
    /// The number of records written since the last checkpoint.
    records: AtomicUsize,
    is_due: AtomicBool,
    /// The length in pages at the last checkpoint, or 0 if everything was copied.
    length: AtomicU32,
}

#[derive(Debug)]
enum Task {
    Checkpoint,
    CatchUp(oneshot::Sender<()>),
}

impl Checkpoints {
    pub(crate) fn start(connection: Connection, place: Arc<Place>) -> io::Result<Self> {
        let (tasks, waiting) = channel();
        let log = Arc::new(Log::default());
        let of_thread = Arc::clone(&log);
        let run = move || run(&connection, &place, &of_thread, &waiting);
        let thread = std::thread::Builder::new().name("challenges-log".to_owned()).spawn(run)?;
        Ok(Self { log, tasks: Some(tasks), thread: Some(thread), process: std::process::id() })
    }

    /// Counts written records, and starts a checkpoint if one is due.
    pub(crate) fn count(&self, records: usize) {
        let before = self.log.records.fetch_add(records, Ordering::Relaxed);
        if before + records >= INTERVAL {
            self.log.records.store(0, Ordering::Relaxed);
            if !self.log.is_due.swap(true, Ordering::AcqRel) {
                self.send(Task::Checkpoint);
            }
        }
    }

    /// Waits, if the log is long, until the thread has copied everything.
    ///
    /// A purge writes so much that the log never starts from the beginning, and the writer would sync thousands of pages in a
    /// commit. While the purge waits, other commits go on, and one of them or the purge starts the log from the beginning.
    pub(crate) async fn catch_up_if_long(&self) {
        if self.log.length.load(Ordering::Relaxed) >= LONG_LOG {
            self.catch_up().await;
        }
    }

    async fn catch_up(&self) {
        // A forked child has no thread.
        if self.process == std::process::id() {
            let (reply, done) = oneshot::channel();
            self.send(Task::CatchUp(reply));
            // Without a reply the thread has ended, and the writer copies the log alone.
            let _ = done.await;
        }
    }

    fn send(&self, task: Task) {
        if let Some(tasks) = &self.tasks {
            // After a panic of the thread, the writer copies the log alone.
            let _ = tasks.send(task);
        }
    }
}

impl Drop for Checkpoints {
    /// Waits until the connection is closed.
    fn drop(&mut self) {
        drop(self.tasks.take());
        if let Some(thread) = self.thread.take()
            && self.process == std::process::id()
        {
            // A panic of the thread loses nothing: the rest stays in the log.
            let _ = thread.join();
        }
    }
}

fn run(connection: &Connection, place: &Place, log: &Log, waiting: &Receiver<Task>) {
    while let Ok(task) = waiting.recv() {
        match task {
            Task::Checkpoint => {
                log.is_due.store(false, Ordering::Release);
                log.length.store(checkpoint(connection, place).unwrap_or(0), Ordering::Relaxed);
            }
            Task::CatchUp(reply) => {
                catch_up(connection, place);
                log.length.store(0, Ordering::Relaxed);
                // The caller may have stopped waiting.
                let _ = reply.send(());
            }
        }
    }
}

/// Checkpoints until nothing was written meanwhile. Each checkpoint has less to copy than the one before.
fn catch_up(connection: &Connection, place: &Place) {
    let mut before = None;
    for _ in 0..IN_A_ROW {
        let length = checkpoint(connection, place);
        if length == before {
            return;
        }
        before = length;
    }
}

/// Copies as much of the log as readers permit, and returns the length of the log in pages. A failed or partial checkpoint is
/// safe: the rest stays in the log.
pub(crate) fn checkpoint(connection: &Connection, place: &Place) -> Option<u32> {
    // The log of another file would overwrite this database.
    place.check().ok()?;
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1)).ok()
}

#[cfg(test)]
mod tests;
