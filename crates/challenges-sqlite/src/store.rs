use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use challenges_core::store::{Batch, Commit, Kind, ListQuery, Load, Loaded, Page, StoreError, Stored};
use challenges_core::{Store, Timestamp};
use rusqlite::Connection;

use crate::fault::WriterFault;
use crate::readers::Readers;
use crate::statistics::Counters;
use crate::writer::Writer;
use crate::{OpenError, SqliteOptions, Statistics, connection, number, read};

/// The records that one transaction purges, so that commits wait for no more than that.
const PURGED_AT_ONCE: usize = 500;

/// Keeps records in a SQLite file. Clones share one set of connections; several stores and processes may share the file.
///
/// Reads run in the thread that polls them, in microseconds. Commits are handed to one writer thread, so that the
/// future only waits; no async runtime is needed. Dropping the last clone waits until everything that was asked for is
/// on disk.
///
/// Open it in the process that uses it: neither the writer thread nor connections of SQLite go along with a fork, and a process
/// that was forked off is refused its commits.
#[derive(Clone, Debug)]
pub struct SqliteStore(Arc<Inner>);

/// The readers are closed before the writer, which then is the last connection, and moves the log into the file.
#[derive(Debug)]
struct Inner {
    readers: Readers,
    writer: Writer,
    counters: Arc<Counters>,
}

impl SqliteStore {
    /// Opens, and if need be makes, the database of that path with the default [`SqliteOptions`].
    ///
    /// # Errors
    ///
    /// [`OpenError`] says what is wrong with the file and what to do about it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        SqliteOptions::new().open(path)
    }

    /// What the store has done since it was opened.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.0.counters.read()
    }

    pub(crate) fn open_with(path: &Path, options: &SqliteOptions) -> Result<Self, OpenError> {
        // The locks of SQLite end when this process closes any handle of the file, and making a file closes one.
        static OPENING: Mutex<()> = Mutex::new(());
        let _one_at_a_time = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        let inaccessible = |error| OpenError::Inaccessible { path: path.to_owned(), source: Box::new(error) };
        let path = std::path::absolute(path).map_err(inaccessible)?;
        let counters = Arc::new(Counters::default());
        let writer = connection::writer(&path, options, &counters)?;
        let readers = (0..options.readers.get()).map(|_| connection::reader(&path, options, &counters));
        let readers = Readers::new(readers.collect::<Result<Vec<_>, _>>()?);
        let writer = Writer::start(writer, options.queue.get(), Arc::clone(&counters)).map_err(OpenError::Thread)?;
        Ok(Self(Arc::new(Inner { readers, writer, counters })))
    }

    fn reader(&self) -> Result<MutexGuard<'_, Connection>, StoreError> {
        self.0.readers.take().ok_or_else(|| StoreError::Unavailable(Box::new(WriterFault::Ended)))
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn load(&self, request: &Load) -> Result<Loaded, StoreError> {
        read::load(&*self.reader()?, request)
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        self.0.writer.commit(batch).await
    }

    async fn list(&self, query: &ListQuery) -> Result<Page, StoreError> {
        read::list(&*self.reader()?, query)
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
            let wanted = PURGED_AT_ONCE.min(limit - purged);
            let deleted = self.0.writer.purge(owners.clone(), before, wanted).await?;
            purged += deleted;
            if deleted < wanted {
                break;
            }
        }
        Ok(purged)
    }
}
