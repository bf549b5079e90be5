use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Error, ErrorCode};

/// An error from opening a database, with advice for the operator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file does not exist and [`create_if_missing`](crate::SqliteOptions::create_if_missing) is off.
    #[error("no database at {}; check the path, or set SqliteOptions::create_if_missing", .0.display())]
    Missing(PathBuf),
    /// The parent directory does not exist.
    #[error("the parent directory of {} does not exist; create the directory first", .0.display())]
    MissingDirectory(PathBuf),
    /// The file or its directory is not writable.
    #[error(
        "{} is not writable; grant this process write permission for the file and its directory, and check that the file \
         system is not mounted read-only", .0.display()
    )]
    ReadOnly(PathBuf),
    /// The file cannot be opened or created.
    #[error(
        "{} cannot be opened; check that the path is a file, and that this process may read and write the file and \
         create files beside it", path.display()
    )]
    Inaccessible {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file belongs to another program, and is left unchanged.
    #[error("{} is not a challenges database; choose another path", .0.display())]
    Foreign(PathBuf),
    /// The schema is missing or of an earlier release, and [`migrate`](crate::SqliteOptions::migrate) is off.
    #[error("the database has schema {found}, but this release needs {needed}; set SqliteOptions::migrate")]
    NotMigrated {
        /// The schema version of the database; 0 for an empty file.
        found: i64,
        /// The schema version of this release.
        needed: i64,
    },
    /// The database was created by a later release, and is left unchanged.
    #[error(
        "the database has schema {found}, but this release supports schemas up to {supported}; upgrade this program"
    )]
    NewerSchema {
        /// The schema version of the database.
        found: i64,
        /// The latest schema version supported by this release.
        supported: i64,
    },
    /// SQLite found the file to be corrupt.
    #[error(
        "{0} is corrupt; stop all processes that use the file, remove {0}, {0}-wal and {0}-shm, and restore a backup (a -wal \
         file left beside a restored copy corrupts the copy)", path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The error from SQLite.
        #[source]
        source: Error,
    },
    /// The disk, or the page limit, has no room for the schema.
    #[error("no space to create the database; free disk space, or raise SqliteOptions::max_pages")]
    Full(#[source] Error),
    /// Another process locked the database for longer than the busy timeout.
    #[error("the database is locked by another process; retry later, or raise SqliteOptions::busy_timeout")]
    Busy(#[source] Error),
    /// The file system does not support a write-ahead log.
    #[error("the file system does not support a write-ahead log; move the database to a local disk")]
    NoWriteAheadLog,
    /// The writer thread could not be started.
    #[error("the writer thread could not be started")]
    Thread(#[source] io::Error),
    /// Any other error from SQLite.
    #[error("SQLite could not open the database")]
    Sqlite(#[source] Error),
}

impl OpenError {
    pub(crate) fn of(path: &Path, error: Error) -> Self {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::Foreign(path),
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { path, source: error },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly(path),
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::Inaccessible { path, source: Box::new(error) }
            }
            Some(ErrorCode::DiskFull) => Self::Full(error),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(error),
            _ => Self::Sqlite(error),
        }
    }
}
