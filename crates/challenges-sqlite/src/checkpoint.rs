use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{JoinHandle, Thread};

use rusqlite::Connection;

use crate::place::Place;

/// The number of written records between two checkpoints. A record takes up to four pages of the log.
const INTERVAL: usize = 512;

/// The size of the log, in pages, at which the writer checkpoints too: 32 MiB.
///
/// The thread copies the log while the writer extends the log. SQLite starts the log from the beginning only after a commit
/// that finds everything copied, so under constant load the writer copies the rest from time to time.
pub(crate) const LONGEST_LOG: u32 = 8_192;

/// Copies the log into the database, on a thread with a separate connection.
///
/// A checkpoint syncs the database, which takes many times as long as a commit. By default SQLite checkpoints in a commit, and
/// all waiting commits would wait too.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    log: Arc<Log>,
    thread: Option<JoinHandle<()>>,
    process: u32,
}

/// The written part of the log.
#[derive(Debug, Default)]
pub(crate) struct Log {
    records: AtomicUsize,
    is_due: AtomicBool,
    has_ended: AtomicBool,
}

impl Checkpoints {
    pub(crate) fn start(connection: Connection, place: Arc<Place>) -> io::Result<Self> {
        let log = Arc::new(Log::default());
        let of_thread = Arc::clone(&log);
        let run = move || run(&connection, &place, &of_thread);
        let thread = std::thread::Builder::new().name("challenges-log".to_owned()).spawn(run)?;
        Ok(Self { log, thread: Some(thread), process: std::process::id() })
    }

    /// Counts written records, and starts a checkpoint if one is due.
    pub(crate) fn count(&self, records: usize) {
        let before = self.log.records.fetch_add(records, Ordering::Relaxed);
        if before + records >= INTERVAL {
            self.log.records.store(0, Ordering::Relaxed);
            self.log.is_due.store(true, Ordering::Release);
            self.wake();
        }
    }

    fn wake(&self) {
        self.thread.iter().map(JoinHandle::thread).for_each(Thread::unpark);
    }
}

impl Drop for Checkpoints {
    /// Waits until the connection is closed.
    fn drop(&mut self) {
        self.log.has_ended.store(true, Ordering::Release);
        self.wake();
        if let Some(thread) = self.thread.take()
            && self.process == std::process::id()
        {
            // A panic of the thread loses nothing: the rest stays in the log.
            let _ = thread.join();
        }
    }
}

fn run(connection: &Connection, place: &Place, log: &Log) {
    while !log.has_ended.load(Ordering::Acquire) {
        if log.is_due.swap(false, Ordering::Acquire) {
            checkpoint(connection, place);
        } else {
            std::thread::park();
        }
    }
}

/// Copies as much of the log as readers permit. A failed or partial checkpoint is safe: the rest stays in the log.
pub(crate) fn checkpoint(connection: &Connection, place: &Place) {
    // The log of another file would overwrite this database.
    if place.check().is_ok() {
        let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    }
}
