use std::sync::Arc;

use challenges_core::store::StoreError;
use rusqlite::{Error, ErrorCode};

/// The error of a read, or of a write of which nothing remains.
pub(crate) fn refused(error: Arc<Error>) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full(Some(Box::new(error))),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt(Box::new(error)),
        _ => StoreError::Unavailable(Box::new(error)),
    }
}

pub(crate) fn of_read(error: Error) -> StoreError {
    refused(Arc::new(error))
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
