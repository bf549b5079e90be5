use std::num::{NonZeroU32, NonZeroUsize};
use std::path::Path;
use std::time::Duration;

use crate::{OpenError, SqliteStore};

/// SQLite takes a wait for a number of milliseconds of 31 bits. Whoever means for ever does not mean that long.
const HOUR: u64 = 3_600;

const LONGEST_QUEUE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(65_535);

/// How a database is opened. The default is safe; most hosts need nothing else.
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
    pub(crate) create_if_missing: bool,
    pub(crate) max_pages: Option<NonZeroU32>,
}

/// What has reached the disk when a commit is acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// Everything: nothing acknowledged is lost by a crash or a loss of power.
    #[default]
    Full,
    /// Everything but the last commits: a crash of the process loses nothing, a loss of power may lose commits that
    /// were acknowledged, and so gives back attempts and used codes.
    Normal,
}

impl SqliteOptions {
    /// The defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            synchronous: Synchronous::Full,
            busy_timeout: Duration::from_secs(5),
            readers: NonZeroUsize::MIN.saturating_add(3),
            queue: NonZeroUsize::MIN.saturating_add(8_191),
            create_if_missing: true,
            max_pages: None,
        }
    }

    /// What has to reach the disk before a commit is acknowledged; [`Synchronous::Full`] unless set.
    #[must_use]
    pub const fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// How long to wait while another process writes, before a commit is refused as unavailable; 5 seconds unless set, and
    /// an hour at most.
    #[must_use]
    pub const fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = if timeout.as_secs() < HOUR { timeout } else { Duration::from_secs(HOUR) };
        self
    }

    /// How many connections serve reads; 4 unless set.
    #[must_use]
    pub const fn readers(mut self, readers: NonZeroUsize) -> Self {
        self.readers = readers;
        self
    }

    /// How many batches may wait for the writer, before further ones are refused as unavailable; 8,192 unless set, and
    /// 65,536 at most. There is room for all of them from the start.
    #[must_use]
    pub const fn queue(mut self, batches: NonZeroUsize) -> Self {
        self.queue = if batches.get() < LONGEST_QUEUE.get() { batches } else { LONGEST_QUEUE };
        self
    }

    /// Whether to make the file, readable and writable by its owner alone, where there is none; true unless set.
    #[must_use]
    pub const fn create_if_missing(mut self, create: bool) -> Self {
        self.create_if_missing = create;
        self
    }

    /// The most pages, of 4,096 bytes, that the file may grow to. Beyond, commits are refused as full, those of
    /// bookkeeping as well: leave room. Unlimited unless set.
    #[must_use]
    pub const fn max_pages(mut self, pages: NonZeroU32) -> Self {
        self.max_pages = Some(pages);
        self
    }

    /// Opens the database.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says what is wrong with the file and what to do about it.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<SqliteStore, OpenError> {
        SqliteStore::open_with(path.as_ref(), self)
    }
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self::new()
    }
}
