use std::io;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use challenges_core::Timestamp;
use challenges_core::store::{Batch, Commit, StoreError};
use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;

use crate::fault::{FileFault, WriterFault, refused};
use crate::statistics::Counters;
use crate::write;

/// The most jobs of one transaction: it bounds how long the first of them waits.
const GROUP: usize = 512;

/// The thread that owns the connection that writes.
///
/// It puts everything that waits for it into one transaction, so that concurrent callers share one wait for the disk,
/// and answers when that has committed.
#[derive(Debug)]
pub(crate) struct Writer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    /// Where the thread is. A process that was forked off has none, and would wait for ever.
    process: u32,
}

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

#[derive(Debug)]
enum Job {
    Commit(Batch, Reply<Commit>),
    Purge { owners: RangeInclusive<i64>, before: Timestamp, limit: usize, reply: Reply<usize> },
}

impl Writer {
    pub(crate) fn start(connection: Connection, queue: usize, counters: Arc<Counters>) -> io::Result<Self> {
        let (jobs, waiting) = sync_channel(queue);
        let run = move || run(&connection, &waiting, &counters);
        let thread = std::thread::Builder::new().name("challenges-sqlite".to_owned()).spawn(run)?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), process: std::process::id() })
    }

    pub(crate) async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        self.ask(|reply| Job::Commit(batch, reply)).await
    }

    pub(crate) async fn purge(
        &self,
        owners: RangeInclusive<i64>,
        before: Timestamp,
        limit: usize,
    ) -> Result<usize, StoreError> {
        self.ask(|reply| Job::Purge { owners, before, limit, reply }).await
    }

    async fn ask<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let refuse = |fault: WriterFault| StoreError::Unavailable(Box::new(fault));
        if self.process != std::process::id() {
            return Err(refuse(WriterFault::Forked));
        }
        let jobs = self.jobs.as_ref().ok_or_else(|| refuse(WriterFault::Ended))?;
        jobs.try_send(job(reply)).map_err(|error| match error {
            TrySendError::Full(_) => refuse(WriterFault::QueueFull),
            TrySendError::Disconnected(_) => refuse(WriterFault::Ended),
        })?;
        answer.await.unwrap_or_else(|_| Err(StoreError::OutcomeUnknown(Box::new(WriterFault::Ended))))
    }
}

impl Drop for Writer {
    /// Waits until everything that was asked for is done and the connection is closed.
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // A reply may wake a task of an executor that then drops the store right here, in the writer's own thread.
            if thread.thread().id() != std::thread::current().id() && self.process == std::process::id() {
                // A writer that panicked has answered nobody else: their outcome is unknown to them already.
                let _ = thread.join();
            }
        }
    }
}

fn run(connection: &Connection, waiting: &Receiver<Job>, counters: &Counters) {
    while let Ok(first) = waiting.recv() {
        let mut group = vec![first];
        group.extend(waiting.try_iter().take(GROUP - 1));
        for job in &group {
            if matches!(job, Job::Commit(..)) {
                counters.count_batch();
            }
        }
        process(connection, group);
    }
    // Closing the last connection does this as well; with other processes on the file, it is done here as far as they
    // let it. Whatever remains in the log is as safe there.
    let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
}

/// What a job did within a transaction.
#[derive(Clone, Copy)]
enum Done {
    Commit(Commit),
    Purge(usize),
}

/// Why a group as a whole was not committed.
enum Failed {
    /// Nothing of it was, for certain.
    Nothing(Arc<rusqlite::Error>),
    /// Nobody knows.
    Unknown(Arc<rusqlite::Error>),
}

fn process(connection: &Connection, group: Vec<Job>) {
    match transact(connection, &group) {
        Ok(done) => {
            for (job, done) in group.into_iter().zip(done) {
                job.answer(done);
            }
        }
        // One batch that fails must not fail the others. Not if the database is busy: each would wait for it again.
        Err(Failed::Nothing(error)) if group.len() > 1 && !is_busy(&error) => {
            for job in group {
                process(connection, vec![job]);
            }
        }
        Err(Failed::Nothing(error)) => {
            for job in group {
                job.fail(refused(Arc::clone(&error)));
            }
        }
        Err(Failed::Unknown(error)) => {
            for job in group {
                job.fail(StoreError::OutcomeUnknown(Box::new(FileFault::of(Arc::clone(&error)))));
            }
        }
    }
}

fn transact(connection: &Connection, group: &[Job]) -> Result<Vec<Done>, Failed> {
    let nothing = |error| Failed::Nothing(Arc::new(error));
    // Only if an earlier rollback failed.
    if !connection.is_autocommit() {
        execute(connection, "ROLLBACK").map_err(nothing)?;
    }
    execute(connection, "BEGIN IMMEDIATE").map_err(nothing)?;
    let done: rusqlite::Result<Vec<_>> = group.iter().map(|job| job.run(connection)).collect();
    let done = done.map_err(|error| {
        // What is not committed is not there, whether or not this succeeds.
        let _ = execute(connection, "ROLLBACK");
        nothing(error)
    })?;
    match execute(connection, "COMMIT") {
        Ok(()) => Ok(done),
        Err(error) => Err(uncommitted(connection, error)),
    }
}

/// Whether a COMMIT that failed may have left something behind.
///
/// Not if its transaction was still open and could be rolled back. Nor if there was no room for its frames in the log:
/// the frame that makes them count is the last one. Any other failure may have come after that frame was written.
fn uncommitted(connection: &Connection, error: rusqlite::Error) -> Failed {
    let was_open = !connection.is_autocommit();
    let rolled_back = was_open && execute(connection, "ROLLBACK").is_ok();
    let had_no_room = error.sqlite_error_code() == Some(ErrorCode::DiskFull);
    let error = Arc::new(error);
    if rolled_back || had_no_room { Failed::Nothing(error) } else { Failed::Unknown(error) }
}

fn execute(connection: &Connection, statement: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(statement)?.execute([]).map(drop)
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

impl Job {
    fn run(&self, connection: &Connection) -> rusqlite::Result<Done> {
        match self {
            Self::Commit(batch, _) => write::apply(connection, batch).map(Done::Commit),
            Self::Purge { owners, before, limit, reply: _ } => {
                write::purge(connection, owners, *before, *limit).map(Done::Purge)
            }
        }
    }

    /// A caller that no longer waits is no failure.
    fn answer(self, done: Done) {
        match (self, done) {
            (Self::Commit(_, reply), Done::Commit(commit)) => drop(reply.send(Ok(commit))),
            (Self::Purge { reply, .. }, Done::Purge(count)) => drop(reply.send(Ok(count))),
            // A reply that is dropped reads as an unknown outcome; what a job did is always of its own kind.
            (Self::Commit(..) | Self::Purge { .. }, _) => {}
        }
    }

    fn fail(self, error: StoreError) {
        match self {
            Self::Commit(_, reply) => drop(reply.send(Err(error))),
            Self::Purge { reply, .. } => drop(reply.send(Err(error))),
        }
    }
}

#[cfg(test)]
mod tests;
