use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use rusqlite::Connection;

/// A pool of read connections.
///
/// Reads run on the caller's thread: a read takes microseconds, less than a hop to another thread.
#[derive(Debug)]
pub(crate) struct Readers {
    connections: Vec<Mutex<Connection>>,
    /// The connection to wait for when none is free.
    next: AtomicUsize,
}

impl Readers {
    pub(crate) fn new(connections: impl IntoIterator<Item = Connection>) -> Self {
        Self { connections: connections.into_iter().map(Mutex::new).collect(), next: AtomicUsize::new(0) }
    }

    /// Takes the first free connection, or waits for one. Returns `None` only if the pool is empty.
    ///
    /// The first connections serve most reads, so that their memory stays in the cache of the processor.
    pub(crate) fn take(&self) -> Option<MutexGuard<'_, Connection>> {
        for connection in &self.connections {
            match connection.try_lock() {
                Ok(connection) => return Some(connection),
                // The panicking read has rolled back its snapshot.
                Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        let next = self.next.fetch_add(1, Ordering::Relaxed).checked_rem(self.connections.len())?;
        Some(self.connections.get(next)?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
