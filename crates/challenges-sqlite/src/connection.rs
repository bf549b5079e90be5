use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::checkpoint::LONGEST_LOG;
use crate::place::Place;
use crate::statistics::Counters;
use crate::{OpenError, SqliteOptions, Synchronous, schema};

/// Prepared statements cached per connection, more than either kind of connection uses.
const STATEMENTS: usize = 32;

/// The page cache of the write connection in KiB, 32 MiB at most. By default SQLite keeps 2 MB, and reads most pages again
/// for each deletion in a large store.
const CACHE: i32 = 32 * 1_024;

/// Opens the write connection, after creating and migrating the database as needed. Returns the place of the files too.
pub(crate) fn writer(
    path: &Path,
    options: &SqliteOptions,
    counters: &Arc<Counters>,
) -> Result<(Connection, Place), OpenError> {
    create_file(path, options.create_if_missing)?;
    let inaccessible = |error| OpenError::Inaccessible { path: path.to_owned(), source: Box::new(error) };
    let mut place = Place::of(path).map_err(inaccessible)?;
    let of = |error| OpenError::of(path, error);
    let mut connection = open(path, options).map_err(of)?;
    check_writable(&connection, options.busy_timeout).map_err(of)?;
    // Before the first change, so that a foreign file stays unchanged.
    schema::refuse_pending(schema::check(&connection, path)?, options.migrate)?;
    enable_write_ahead_log(&connection, path, options.busy_timeout)?;
    let synchronous = match options.synchronous {
        Synchronous::Full => "FULL",
        Synchronous::Normal => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous).map_err(of)?;
    // On macOS a plain fsync does not reach the disk.
    connection.pragma_update(None, "fullfsync", options.synchronous == Synchronous::Full).map_err(of)?;
    connection.pragma_update(None, "cache_size", -CACHE).map_err(of)?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", LONGEST_LOG, |_| Ok(())).map_err(of)?;
    if let Some(pages) = options.max_pages {
        connection.pragma_update_and_check(None, "max_page_count", pages.get(), |_| Ok(())).map_err(of)?;
    }
    schema::migrate(&mut connection, path)?;
    count_transactions(&mut connection, counters).map_err(of)?;
    place.note_log().map_err(inaccessible)?;
    Ok((connection, place))
}

/// Opens a connection for checkpoints. Open the writer first: the database must exist with the current schema.
pub(crate) fn checkpoints(path: &Path, options: &SqliteOptions) -> Result<Connection, OpenError> {
    let of = |error| OpenError::of(path, error);
    let connection = open(path, options).map_err(of)?;
    connection.pragma_update(None, "fullfsync", options.synchronous == Synchronous::Full).map_err(of)?;
    Ok(connection)
}

/// Opens a read connection. Open the writer first: the database must exist with the current schema.
pub(crate) fn reader(path: &Path, options: &SqliteOptions, counters: &Arc<Counters>) -> Result<Connection, OpenError> {
    let of = |error| OpenError::of(path, error);
    let mut connection = open(path, options).map_err(of)?;
    connection.pragma_update(None, "query_only", true).map_err(of)?;
    count_transactions(&mut connection, counters).map_err(of)?;
    Ok(connection)
}

fn open(path: &Path, options: &SqliteOptions) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(options.busy_timeout)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Otherwise SQLite compiles a statement with a bound LIMIT anew for each execution.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

fn count_transactions(connection: &mut Connection, counters: &Arc<Counters>) -> rusqlite::Result<()> {
    let counters = Arc::clone(counters);
    let count = move || {
        counters.count_transaction();
        false
    };
    connection.commit_hook(Some(count)).into_result()
}

/// The return value of `commit_hook`: nothing up to rusqlite 0.37, a result in later releases.
trait Hooked {
    fn into_result(self) -> rusqlite::Result<()>;
}

impl Hooked for () {
    fn into_result(self) -> rusqlite::Result<()> {
        Ok(())
    }
}

impl Hooked for rusqlite::Result<()> {
    fn into_result(self) -> rusqlite::Result<()> {
        self
    }
}

/// Fails on a read-only database. A busy database is writable.
///
/// A write transaction is refused before any lock is taken. `Connection::is_readonly` has another signature in each
/// release of rusqlite.
fn check_writable(connection: &Connection, timeout: Duration) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::ZERO)?;
    let begun = connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK");
    connection.busy_timeout(timeout)?;
    match begun.as_ref().map_err(rusqlite::Error::sqlite_error_code) {
        Err(Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)) => Ok(()),
        Ok(()) | Err(_) => begun,
    }
}

/// Creates an empty file with mode 0600 on Unix. SQLite gives the log the permissions of the database.
fn create_file(path: &Path, create: bool) -> Result<(), OpenError> {
    if path.exists() {
        return Ok(());
    }
    if !path.parent().is_some_and(Path::is_dir) {
        return Err(OpenError::MissingDirectory(path.to_owned()));
    }
    if !create {
        return Err(OpenError::Missing(path.to_owned()));
    }
    let mut file = OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    match file.open(path) {
        Ok(_) => Ok(()),
        // Another process has created the file meanwhile.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => {
            Err(OpenError::ReadOnly(path.to_owned()))
        }
        Err(error) => Err(OpenError::Inaccessible { path: path.to_owned(), source: Box::new(error) }),
    }
}

/// Switches the database to a write-ahead log, retrying until `timeout`.
///
/// Several processes may switch a new file at once. SQLite ignores the busy timeout here, to avoid deadlocks.
fn enable_write_ahead_log(connection: &Connection, path: &Path, timeout: Duration) -> Result<(), OpenError> {
    const PAUSE: Duration = Duration::from_millis(5);
    let mut waited = Duration::ZERO;
    loop {
        let mode = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
        match mode {
            Ok(mode) if mode.eq_ignore_ascii_case("wal") => return Ok(()),
            Ok(_) => return Err(OpenError::NoWriteAheadLog),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && waited < timeout => {
                std::thread::sleep(PAUSE);
                waited += PAUSE;
            }
            Err(error) => return Err(OpenError::of(path, error)),
        }
    }
}

/// Ends the waits for other processes, until dropped.
pub(crate) struct WithoutWaiting<'a>(&'a Connection, Duration);

impl<'a> WithoutWaiting<'a> {
    pub(crate) fn begin(connection: &'a Connection, timeout: Duration) -> Self {
        // Fails only for a closed connection.
        let _ = connection.busy_timeout(Duration::ZERO);
        Self(connection, timeout)
    }
}

impl Drop for WithoutWaiting<'_> {
    fn drop(&mut self) {
        let _ = self.0.busy_timeout(self.1);
    }
}

#[cfg(test)]
mod tests;
