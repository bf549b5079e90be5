use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of a store since it was opened.
///
/// `batches / write_transactions` is the average number of batches per disk sync.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Transactions committed on any connection of the store, counted by SQLite's commit hook.
    pub write_transactions: u64,
    /// Batches processed by the writer: applied, conflicting or failed.
    pub batches: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    write_transactions: AtomicU64,
    batches: AtomicU64,
}

impl Counters {
    pub(crate) fn count_transaction(&self) {
        self.write_transactions.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_batch(&self) {
        self.batches.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Statistics {
        Statistics {
            write_transactions: self.write_transactions.load(Ordering::Relaxed),
            batches: self.batches.load(Ordering::Relaxed),
        }
    }
}
