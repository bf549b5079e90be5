use std::path::PathBuf;
use std::sync::Arc;

use challenges_core::store::StoreError;
use rusqlite::{Error, ErrorCode};

/// Converts the error of a read, or of a write that was certainly rolled back.
pub(crate) fn refused(error: Arc<Error>) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full(Some(Box::new(error))),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Corrupt(Box::new(FileFault::of(error)))
        }
        _ => StoreError::Unavailable(Box::new(FileFault::of(error))),
    }
}

pub(crate) fn of_read(error: Error) -> StoreError {
    refused(Arc::new(error))
}

/// A failure of the file or the disk, with advice for the operator.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum FileFault {
    #[error(
        "the database file is corrupt; stop all processes that use the file, remove the file and the files with the same \
         name and -wal or -shm at the end, and restore a backup"
    )]
    Damaged(#[source] Arc<Error>),
    #[error(
        "another connection held the write lock for longer than the busy timeout; shorten its transactions, or raise \
         SqliteOptions::busy_timeout"
    )]
    Busy(#[source] Arc<Error>),
    #[error("the database file is not writable; grant this process write permission for the file and its directory")]
    ReadOnly(#[source] Arc<Error>),
    #[error("disk read or write failed; check the system log and free disk space")]
    Disk(#[source] Arc<Error>),
    #[error("SQLite returned an error")]
    Other(#[source] Arc<Error>),
}

impl FileFault {
    pub(crate) fn of(error: Arc<Error>) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(error),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly(error),
            Some(ErrorCode::SystemIoFailure | ErrorCode::DiskFull | ErrorCode::CannotOpen) => Self::Disk(error),
            _ => Self::Other(error),
        }
    }
}

/// The path of a file no longer leads to the open file.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum PlaceFault {
    #[error(
        "the database {path} was moved, replaced or deleted while open, so commits would be lost; put the file back, or stop \
         all processes that use the file, remove {path}-wal and {path}-shm, and restore a backup", path = .0.display()
    )]
    Database(PathBuf),
    #[error(
        "{} was moved, replaced or deleted while the database was open, so commits would be lost; stop all processes that \
         use the database, and restore a backup if the file held commits", .0.display()
    )]
    Log(PathBuf),
}

impl PlaceFault {
    /// Converts the error of a read, or of a check before a write.
    pub(crate) fn refused(self) -> StoreError {
        StoreError::Unavailable(Box::new(self))
    }
}

/// A reason why the writer did not accept or complete a batch.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum WriterFault {
    #[error("the write queue is full; retry later, or raise SqliteOptions::queue")]
    QueueFull,
    #[error("the writer thread has ended; open the store again")]
    Ended,
    #[error("the store was opened before this process was forked; open the store in this process")]
    Forked,
}
