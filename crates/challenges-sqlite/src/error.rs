use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Error, ErrorCode};

/// Why a database could not be opened, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no such file, and none is to be made.
    #[error("there is no database at {}; check the path, or open it with create_if_missing", .0.display())]
    Missing(PathBuf),
    /// The directory of the file does not exist.
    #[error("the directory of {} does not exist; create it first", .0.display())]
    MissingDirectory(PathBuf),
    /// The file, or its directory, cannot be written.
    #[error(
        "{} cannot be written; give this process write permission for the file and its directory, and check that the \
         file system is not mounted read-only", .0.display()
    )]
    ReadOnly(PathBuf),
    /// The file cannot be opened or created.
    #[error("{} cannot be opened; check that it is a file that this process may read and write, in a directory where it may make others", path.display())]
    Inaccessible {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file is something else, which is left as it was.
    #[error("{} is not a database of this library; choose another path", .0.display())]
    Foreign(PathBuf),
    /// The database was made by a later release, and is left as it was.
    #[error("the database has schema {found} and this release knows {supported}; upgrade this program")]
    NewerSchema {
        /// The schema of the database.
        found: i64,
        /// The latest schema that this release knows.
        supported: i64,
    },
    /// Parts of the file are not what SQLite wrote.
    #[error("{} is damaged; restore it from a copy", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: Error,
    },
    /// There is no room to set the database up.
    #[error("there is no room for the database; free some disk space, or raise max_pages")]
    Full(#[source] Error),
    /// Another process holds the database.
    #[error("another process holds the database; try again when it is done, or raise the busy timeout")]
    Busy(#[source] Error),
    /// The file system cannot share the write-ahead log.
    #[error("the file system does not support a write-ahead log; put the database on a local disk")]
    NoWriteAheadLog,
    /// The writer could not be started.
    #[error("no thread could be started to write the database")]
    Thread(#[source] io::Error),
    /// SQLite failed in another way.
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
