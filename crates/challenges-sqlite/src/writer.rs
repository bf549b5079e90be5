use std::io;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use challenges_core::Timestamp;
use challenges_core::store::{Batch, Commit, StoreError};
use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;

use crate::checkpoint::{Checkpoints, checkpoint};
use crate::connection::WithoutWaiting;
use crate::fault::{FileFault, PlaceFault, WriterFault, refused};
use crate::place::Place;
use crate::slice::Slice;
use crate::statistics::Counters;
use crate::write;

/// The maximum number of jobs per transaction. Bounds the time that the first job waits.
const GROUP_LIMIT: usize = 512;

/// A function of the host that calls its argument, and may tell the async runtime that the thread blocks meanwhile.
pub(crate) type Block = fn(&mut dyn FnMut());

/// The write connection and its thread.
///
/// The thread runs all waiting jobs in one transaction, so that concurrent callers share a disk sync, and replies after
/// the commit.
#[derive(Debug)]
pub(crate) struct Writer {
    shared: Arc<Shared>,
    block: Option<Block>,
    /// The busy timeout of the connection.
    timeout: Duration,
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    /// The process of the thread. A forked child has no writer thread and would wait forever.
    process: u32,
}

#[derive(Debug)]
struct Shared {
    /// Ends before the write connection closes.
    checkpoints: Option<Checkpoints>,
    connection: Mutex<Connection>,
    place: Arc<Place>,
    counters: Arc<Counters>,
    /// The number of jobs that were sent to the thread and not begun.
    waiting: AtomicUsize,
}

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

#[derive(Debug)]
enum Job {
    Commit(Batch, Reply<Commit>),
    Purge { owners: RangeInclusive<i64>, before: Timestamp, limit: usize, reply: Reply<(usize, bool)> },
}

impl Writer {
    pub(crate) fn start(
        connection: Connection,
        checkpoints: Option<Checkpoints>,
        place: Arc<Place>,
        queue: usize,
        block: Option<Block>,
        timeout: Duration,
        counters: Arc<Counters>,
    ) -> io::Result<Self> {
        let (jobs, waiting) = sync_channel(queue);
        let connection = Mutex::new(connection);
        let shared = Arc::new(Shared { checkpoints, connection, place, counters, waiting: AtomicUsize::new(0) });
        let of_thread = Arc::clone(&shared);
        let run = move || run(&of_thread, &waiting);
        let thread = std::thread::Builder::new().name("challenges-sqlite".to_owned()).spawn(run)?;
        Ok(Self { shared, block, timeout, jobs: Some(jobs), thread: Some(thread), process: std::process::id() })
    }

    pub(crate) async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        let batch = match self.block {
            Some(block) => match self.commit_in_place(block, batch) {
                Ok(result) => return result,
                Err(batch) => batch,
            },
            None => batch,
        };
        self.ask(|reply| Job::Commit(batch, reply)).await
    }

    /// Returns the write connection, if no job runs or waits. Its page cache survives its commits, unlike those of other
    /// connections.
    pub(crate) fn idle_connection(&self) -> Option<MutexGuard<'_, Connection>> {
        if self.process != std::process::id() || self.shared.waiting.load(Ordering::Relaxed) > 0 {
            return None;
        }
        let connection = match self.shared.connection.try_lock() {
            Ok(connection) => connection,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        // A failed rollback may have left a transaction open.
        connection.is_autocommit().then_some(connection)
    }

    /// Commits on the calling thread, or returns the batch if other jobs run or wait, or another process writes.
    fn commit_in_place(&self, block: Block, batch: Batch) -> Result<Result<Commit, StoreError>, Batch> {
        let Some(connection) = self.idle_connection() else { return Err(batch) };
        let (mut batch, mut answer, mut refused) = (Some(batch), None, None);
        block(&mut || {
            if let Some(batch) = batch.take() {
                let (reply, mut receiver) = oneshot::channel();
                let without_waiting = WithoutWaiting::begin(&connection, self.timeout);
                refused = self.shared.process_unless_busy(&connection, Job::Commit(batch, reply)).err();
                drop(without_waiting);
                answer = receiver.try_recv().ok();
            }
        });
        if let Some(Job::Commit(batch, _)) = refused {
            return Err(batch);
        }
        match batch {
            // The function did not call its argument.
            Some(batch) => Err(batch),
            None => Ok(answer.unwrap_or_else(|| Err(StoreError::OutcomeUnknown(Box::new(WriterFault::Ended))))),
        }
    }

    pub(crate) async fn purge(
        &self,
        owners: RangeInclusive<i64>,
        before: Timestamp,
        limit: usize,
    ) -> Result<(usize, bool), StoreError> {
        if let Some(checkpoints) = &self.shared.checkpoints {
            checkpoints.catch_up_if_long().await;
        }
        self.ask(|reply| Job::Purge { owners, before, limit, reply }).await
    }

    async fn ask<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let refuse = |fault: WriterFault| StoreError::Unavailable(Box::new(fault));
        if self.process != std::process::id() {
            return Err(refuse(WriterFault::Forked));
        }
        let jobs = self.jobs.as_ref().ok_or_else(|| refuse(WriterFault::Ended))?;
        self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        jobs.try_send(job(reply)).map_err(|error| {
            self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
            match error {
                TrySendError::Full(_) => refuse(WriterFault::QueueFull),
                TrySendError::Disconnected(_) => refuse(WriterFault::Ended),
            }
        })?;
        answer.await.unwrap_or_else(|_| Err(StoreError::OutcomeUnknown(Box::new(WriterFault::Ended))))
    }
}

impl Drop for Writer {
    /// Waits until all queued jobs are done and the connection is closed.
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // A reply may make an executor drop the store on the writer's own thread, which cannot join itself.
            if thread.thread().id() != std::thread::current().id() && self.process == std::process::id() {
                // After a panic of the writer, waiting callers have already got an unknown outcome.
                let _ = thread.join();
            }
        }
    }
}

impl Shared {
    fn connection(&self) -> MutexGuard<'_, Connection> {
        // After a panic, the next transaction rolls the last one back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the jobs, and returns the number of records written.
    fn process(&self, connection: &Connection, group: Vec<Job>) -> usize {
        let result = transact(connection, &self.place, &group);
        self.finish(connection, group, result)
    }

    /// Runs the job, or returns the job if another process writes.
    fn process_unless_busy(&self, connection: &Connection, job: Job) -> Result<(), Job> {
        let group = vec![job];
        match transact(connection, &self.place, &group) {
            Err(Failed::RolledBack(error)) if is_busy(&error) => group.into_iter().try_for_each(Err),
            result => {
                self.finish(connection, group, result);
                Ok(())
            }
        }
    }

    fn finish(&self, connection: &Connection, group: Vec<Job>, result: Result<Vec<Done>, Failed>) -> usize {
        for job in &group {
            if matches!(job, Job::Commit(..)) {
                self.counters.count_batch();
            }
        }
        let written = finish(connection, &self.place, group, result);
        if let Some(checkpoints) = &self.checkpoints {
            checkpoints.count(written);
        }
        written
    }

    /// Runs a slice of a purge in a transaction of its own.
    fn purge(&self, connection: &Connection, mut job: Job, slice: &mut Slice) {
        let start = Instant::now();
        if let Job::Purge { limit, .. } = &mut job {
            *limit = slice.records().min(*limit);
        }
        let deleted = self.process(connection, vec![job]);
        slice.fit(deleted, start.elapsed());
    }
}

fn run(shared: &Shared, waiting: &Receiver<Job>) {
    let mut slice = Slice::default();
    while let Ok(first) = waiting.recv() {
        let connection = shared.connection();
        let mut group = vec![first];
        group.extend(waiting.try_iter().take(GROUP_LIMIT - 1));
        shared.waiting.fetch_sub(group.len(), Ordering::Relaxed);
        // A commit never waits for the deletions that came with it.
        let (purges, commits): (Vec<_>, Vec<_>) = group.into_iter().partition(|job| matches!(job, Job::Purge { .. }));
        if !commits.is_empty() {
            shared.process(&connection, commits);
        }
        for purge in purges {
            shared.purge(&connection, purge, &mut slice);
        }
    }
    // SQLite checkpoints when the last connection closes, but other processes may keep theirs open.
    checkpoint(&shared.connection(), &shared.place);
}

/// The result of a job within a transaction.
#[derive(Clone, Copy)]
enum Done {
    Commit(Commit),
    /// The number of deleted records, and whether more may be left.
    Purge((usize, bool)),
}

/// A failed transaction.
enum Failed {
    /// Certainly rolled back.
    RolledBack(Arc<rusqlite::Error>),
    /// Possibly committed.
    Unknown(Arc<rusqlite::Error>),
    /// Not begun, because the files were not in place.
    Misplaced(PlaceFault),
    /// Committed, but possibly to a file that is gone.
    CommittedElsewhere(PlaceFault),
}

/// Runs the jobs, sends the results, and returns the number of records written.
fn process(connection: &Connection, place: &Place, group: Vec<Job>) -> usize {
    let result = transact(connection, place, &group);
    finish(connection, place, group, result)
}

/// Sends the results, or runs each job alone, and returns the number of records written.
fn finish(connection: &Connection, place: &Place, group: Vec<Job>, result: Result<Vec<Done>, Failed>) -> usize {
    match result {
        Ok(done) => {
            let written = group.iter().zip(&done).map(|(job, done)| job.written(*done)).sum();
            for (job, done) in group.into_iter().zip(done) {
                job.answer(done);
            }
            return written;
        }
        // Retries each job alone, so that a failing batch fails no other. Skipped when the database is busy, because
        // each retry would wait for the busy timeout again.
        Err(Failed::RolledBack(error)) if group.len() > 1 && !is_busy(&error) => {
            return group.into_iter().map(|job| process(connection, place, vec![job])).sum();
        }
        Err(Failed::RolledBack(error)) => {
            for job in group {
                job.fail(refused(Arc::clone(&error)));
            }
        }
        Err(Failed::Unknown(error)) => {
            for job in group {
                job.fail(StoreError::OutcomeUnknown(Box::new(FileFault::of(Arc::clone(&error)))));
            }
        }
        Err(Failed::Misplaced(fault)) => {
            for job in group {
                job.fail(fault.clone().refused());
            }
        }
        Err(Failed::CommittedElsewhere(fault)) => {
            for job in group {
                job.fail(StoreError::OutcomeUnknown(Box::new(fault.clone())));
            }
        }
    }
    0
}

fn transact(connection: &Connection, place: &Place, group: &[Job]) -> Result<Vec<Done>, Failed> {
    place.check().map_err(Failed::Misplaced)?;
    let rolled_back = |error| Failed::RolledBack(Arc::new(error));
    // Left open only if an earlier rollback failed.
    if !connection.is_autocommit() {
        execute(connection, "ROLLBACK").map_err(rolled_back)?;
    }
    execute(connection, "BEGIN IMMEDIATE").map_err(rolled_back)?;
    let done: rusqlite::Result<Vec<_>> = group.iter().map(|job| job.run(connection)).collect();
    let done = done.map_err(|error| {
        // An uncommitted transaction leaves nothing behind, even if this rollback fails.
        let _ = execute(connection, "ROLLBACK");
        rolled_back(error)
    })?;
    match execute(connection, "COMMIT") {
        // A file replaced during the transaction must not acknowledge: another process may use the new file already.
        Ok(()) => place.check_database().map(|()| done).map_err(Failed::CommittedElsewhere),
        Err(error) => Err(failed_commit(connection, error)),
    }
}

/// Classifies a failed COMMIT.
///
/// The transaction was certainly not committed in two cases:
///
/// - The transaction was still open and could be rolled back.
/// - The disk had no room for its log frames. The commit marker is in the last frame, which was then not written.
///
/// Any other failure may have happened after the last frame was written.
fn failed_commit(connection: &Connection, error: rusqlite::Error) -> Failed {
    let was_open = !connection.is_autocommit();
    let rolled_back = was_open && execute(connection, "ROLLBACK").is_ok();
    let had_no_room = error.sqlite_error_code() == Some(ErrorCode::DiskFull);
    let error = Arc::new(error);
    if rolled_back || had_no_room { Failed::RolledBack(error) } else { Failed::Unknown(error) }
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
                write::purge(connection, owners, *before, *limit, write::SLICE).map(Done::Purge)
            }
        }
    }

    /// Returns the number of records written, deletions included.
    fn written(&self, done: Done) -> usize {
        match (self, done) {
            (Self::Commit(batch, _), Done::Commit(Commit::Applied)) => batch.writes().len(),
            (Self::Purge { .. }, Done::Purge((deleted, _))) => deleted,
            (Self::Commit(..) | Self::Purge { .. }, _) => 0,
        }
    }

    /// Sends the result. The caller may have stopped waiting.
    fn answer(self, done: Done) {
        match (self, done) {
            (Self::Commit(_, reply), Done::Commit(commit)) => drop(reply.send(Ok(commit))),
            (Self::Purge { reply, .. }, Done::Purge(count)) => drop(reply.send(Ok(count))),
            // Unreachable: a job's result matches the job. A dropped reply reads as an unknown outcome.
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
