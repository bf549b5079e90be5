use std::sync::atomic::{AtomicU64, Ordering};

/// What a store has done since it was opened.
///
/// Batches divided by write transactions is how many batches shared one wait for the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Transactions that SQLite committed on any connection of the store, as its commit hook counts them.
    pub write_transactions: u64,
    /// Batches that the writer took up, whether they were applied, met a conflict or failed.
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
