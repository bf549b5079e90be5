use std::sync::Arc;

use challenges_core::store::StoreError;
use rusqlite::{Error, ErrorCode};

/// The error of a read, or of a write of which nothing remains.
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

/// What is wrong with the file, and what to do about it.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum FileFault {
    #[error("the file is damaged; stop every process that uses it, and restore it from a copy")]
    Damaged(#[source] Arc<Error>),
    #[error(
        "another connection wrote for longer than the busy timeout; keep its transactions short, or raise the timeout"
    )]
    Busy(#[source] Arc<Error>),
    #[error("the file cannot be written; give this process write permission for it and its directory")]
    ReadOnly(#[source] Arc<Error>),
    #[error("the disk failed to read or to write; see what the system says about it, and free some space")]
    Disk(#[source] Arc<Error>),
    #[error("SQLite failed")]
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

/// Why the writer did not take or answer a batch.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum WriterFault {
    #[error("too many batches wait for the disk")]
    QueueFull,
    #[error("the thread that writes the database has ended")]
    Ended,
    #[error("the database was opened before this process was forked off; open it here")]
    Forked,
}
