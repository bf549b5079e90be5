use std::num::{NonZeroU32, NonZeroUsize};
use std::path::Path;
use std::time::Duration;

use crate::writer::Block;
use crate::{OpenError, SqliteStore, schema};

/// Caps the busy timeout, because SQLite takes a 31-bit number of milliseconds.
const HOUR: u64 = 3_600;

const LONGEST_QUEUE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(65_535);

/// Options for opening a [`SqliteStore`]. The defaults are safe and suit most hosts.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// use challenges_sqlite::SqliteOptions;
///
/// let store = SqliteOptions::new().busy_timeout(Duration::from_secs(10)).create_if_missing(false).open("app.sqlite")?;
/// # Ok::<(), challenges_sqlite::OpenError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    pub(crate) synchronous: Synchronous,
    pub(crate) busy_timeout: Duration,
    pub(crate) readers: NonZeroUsize,
    pub(crate) queue: NonZeroUsize,
    pub(crate) block: Option<Block>,
    pub(crate) create_if_missing: bool,
    pub(crate) migrate: bool,
    pub(crate) max_pages: Option<NonZeroU32>,
}

/// The durability of an acknowledged commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Synchronous {
    /// Survives a crash of the process and a power failure.
    #[default]
    Full,
    /// Survives a crash of the process, but a power failure may lose the last acknowledged commits.
    ///
    /// Lost commits make spent attempts and used codes valid again.
    Normal,
}

impl SqliteOptions {
    /// Returns the default options.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            synchronous: Synchronous::Full,
            busy_timeout: Duration::from_secs(5),
            readers: NonZeroUsize::MIN.saturating_add(3),
            queue: NonZeroUsize::MIN.saturating_add(8_191),
            block: None,
            create_if_missing: true,
            migrate: true,
            max_pages: None,
        }
    }

    /// Sets the durability of an acknowledged commit. Defaults to [`Synchronous::Full`].
    #[must_use]
    pub const fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// Sets the time to wait while another process writes. Defaults to 5 seconds; capped at an hour.
    ///
    /// After the timeout a commit fails with
    /// [`StoreError::Unavailable`](challenges_core::store::StoreError::Unavailable).
    #[must_use]
    pub const fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = if timeout.as_secs() < HOUR { timeout } else { Duration::from_secs(HOUR) };
        self
    }

    /// Sets the number of read connections. Defaults to 4.
    #[must_use]
    pub const fn readers(mut self, readers: NonZeroUsize) -> Self {
        self.readers = readers;
        self
    }

    /// Sets the number of batches that may wait for the writer. Defaults to 8,192; capped at 65,536.
    ///
    /// When the queue is full, commits fail with
    /// [`StoreError::Unavailable`](challenges_core::store::StoreError::Unavailable). The memory for the queue is
    /// allocated on open.
    #[must_use]
    pub const fn queue(mut self, batches: NonZeroUsize) -> Self {
        self.queue = if batches.get() < LONGEST_QUEUE.get() { batches } else { LONGEST_QUEUE };
        self
    }

    /// Commits on the calling thread, through `block`, while no other commit runs or waits.
    ///
    /// By default every commit runs on the writer thread. A single caller then saves two thread switches a commit, and the
    /// thread blocks until the disk sync is done. While another process writes, commits wait on the writer thread.
    ///
    /// `block` calls its argument, and tells the async runtime that the thread blocks. Use `tokio::task::block_in_place` on
    /// the multi-thread runtime of tokio. Keep the default on a runtime with one thread, such as a worker of actix: there
    /// concurrent callers would commit one by one, and share no disk sync.
    ///
    /// ```
    /// # use challenges_sqlite::SqliteOptions;
    /// let options = SqliteOptions::new().commit_in_place(|commit| tokio::task::block_in_place(commit));
    /// ```
    #[must_use]
    pub const fn commit_in_place(mut self, block: fn(&mut dyn FnMut())) -> Self {
        self.block = Some(block);
        self
    }

    /// Creates the file, with mode 0600 on Unix, if none exists. Defaults to true.
    #[must_use]
    pub const fn create_if_missing(mut self, create: bool) -> Self {
        self.create_if_missing = create;
        self
    }

    /// Creates or updates the schema on open, if needed. Defaults to true.
    ///
    /// With false, open fails with [`OpenError::NotMigrated`] instead, and leaves the file unchanged.
    #[must_use]
    pub const fn migrate(mut self, migrate: bool) -> Self {
        self.migrate = migrate;
        self
    }

    /// Limits the size of the file, in pages of 4,096 bytes. Unlimited by default.
    ///
    /// At the limit, commits fail with [`StoreError::Full`](challenges_core::store::StoreError::Full). Failure counts
    /// are refused too, so leave headroom.
    #[must_use]
    pub const fn max_pages(mut self, pages: NonZeroU32) -> Self {
        self.max_pages = Some(pages);
        self
    }

    /// Returns the SQL that creates the schema in an empty file, for inspection.
    ///
    /// [`open`](Self::open) runs the same statements. On a file of an earlier release, open runs only the missing
    /// statements.
    #[must_use]
    pub fn sql(&self) -> String {
        schema::sql()
    }

    /// Opens the database.
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] if the file cannot be opened, created or migrated.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<SqliteStore, OpenError> {
        SqliteStore::open_with(path.as_ref(), self)
    }
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self::new()
    }
}
