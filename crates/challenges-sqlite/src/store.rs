use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use challenges_core::store::{Batch, Commit, Id, Kind, Load, StoreError, Stored};
use challenges_core::{Store, Timestamp};
use rusqlite::Connection;

use crate::checkpoint::Checkpoints;
use crate::fault::{PlaceFault, WriterFault};
use crate::place::Place;
use crate::readers::Readers;
use crate::statistics::Counters;
use crate::writer::Writer;
use crate::{Drift, OpenError, SqliteOptions, Statistics, connection, number, read, schema};

/// A store in a SQLite file. Clones share connections; several stores and processes may share the file.
///
/// - Reads run on the thread that polls the future, and take microseconds.
/// - Commits run on a writer thread, and the future only waits. No async runtime is needed. See
///   [`SqliteOptions::commit_in_place`] for a single caller.
/// - Checkpoints run on another thread, and delay no commit but under constant load.
/// - A purge deletes in transactions of about 5 milliseconds, and waits for checkpoints.
/// - Dropping the last clone blocks until all pending commits are on disk.
/// - After a fork, the child process must open a new store: the writer thread and SQLite connections do not survive a
///   fork. Commits on the inherited store fail.
#[derive(Clone, Debug)]
pub struct SqliteStore(Arc<Inner>);

/// Fields drop in order: readers close first, so that the writer is the last connection and checkpoints the log.
#[derive(Debug)]
struct Inner {
    readers: Readers,
    writer: Writer,
    place: Arc<Place>,
    counters: Arc<Counters>,
}

impl SqliteStore {
    /// Opens the database at `path` with the default [`SqliteOptions`], creating the file if needed.
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] if the file cannot be opened, created or migrated.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        SqliteOptions::new().open(path)
    }

    /// Returns the counters of this store since it was opened.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.0.counters.read()
    }

    /// Compares the table of records and its indices with those of this release, and reports other indices, triggers on
    /// the records, and tables with a foreign key to the records. Other objects are ignored.
    ///
    /// # Errors
    ///
    /// [`OpenError::Sqlite`] when the schema cannot be read.
    pub fn verify(&self) -> Result<Vec<Drift>, OpenError> {
        match self.0.readers.take() {
            Some(connection) => schema::drift(&connection).map_err(OpenError::Sqlite),
            None => Ok(Vec::new()),
        }
    }

    pub(crate) fn open_with(path: &Path, options: &SqliteOptions) -> Result<Self, OpenError> {
        // POSIX drops all of SQLite's locks when the process closes any handle of the file, and creating the file
        // closes a handle.
        static OPENING: Mutex<()> = Mutex::new(());
        let _one_at_a_time = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        let inaccessible = |error| OpenError::Inaccessible { path: path.to_owned(), source: Box::new(error) };
        let path = std::path::absolute(path).map_err(inaccessible)?;
        let counters = Arc::new(Counters::default());
        let (writer, place) = connection::writer(&path, options, &counters)?;
        let place = Arc::new(place);
        let readers = (0..options.readers.get()).map(|_| connection::reader(&path, options, &counters));
        let readers = Readers::new(readers.collect::<Result<Vec<_>, _>>()?);
        let checkpoints = Checkpoints::start(connection::checkpoints(&path, options)?, Arc::clone(&place));
        let checkpoints = Some(checkpoints.map_err(OpenError::Thread)?);
        let (of_writer, queue, counted) = (Arc::clone(&place), options.queue.get(), Arc::clone(&counters));
        let (block, timeout) = (options.block, options.busy_timeout);
        let writer = Writer::start(writer, checkpoints, of_writer, queue, block, timeout, counted);
        let writer = writer.map_err(OpenError::Thread)?;
        Ok(Self(Arc::new(Inner { readers, writer, place, counters })))
    }

    fn reader(&self) -> Result<MutexGuard<'_, Connection>, StoreError> {
        self.0.place.check_for_read().map_err(PlaceFault::refused)?;
        self.0.readers.take().ok_or_else(|| StoreError::Unavailable(Box::new(WriterFault::Ended)))
    }
}

/// Returns whether a user has few records of the kind.
const fn is_few(kind: Kind) -> bool {
    match kind {
        Kind::Salt
        | Kind::Counters
        | Kind::TotpEnrollment
        | Kind::WebauthnEnrollment
        | Kind::Endpoint
        | Kind::RecoveryCodes
        | Kind::TrustedDevice => true,
        // Unbounded, or with bodies of up to 250 KB. Later kinds count as many.
        _ => false,
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn load(&self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        // A long read would keep others from committing.
        let is_short = request.owned_kinds().iter().all(|kind| is_few(*kind));
        match is_short.then(|| self.0.writer.idle_connection()).flatten() {
            Some(connection) => {
                self.0.place.check_for_read().map_err(PlaceFault::refused)?;
                read::load(&connection, request)
            }
            None => read::load(&*self.reader()?, request),
        }
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        self.0.writer.commit(batch).await
    }

    async fn list(
        &self,
        kind: Kind,
        owner: Option<u64>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        read::list(&*self.reader()?, kind, owner, after, limit)
    }

    async fn due(
        &self,
        kind: Kind,
        shards: Range<u16>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        match number::from_shards(&shards) {
            Some(owners) => read::due(&*self.reader()?, kind, &owners, now, limit),
            None => Ok(Vec::new()),
        }
    }

    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let Some(owners) = number::from_shards(&shards) else { return Ok(0) };
        let mut purged = 0;
        while purged < limit {
            let (deleted, has_more) = self.0.writer.purge(owners.clone(), before, limit - purged).await?;
            purged += deleted;
            if !has_more {
                break;
            }
        }
        Ok(purged)
    }
}

#[cfg(test)]
mod tests;
