use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

use challenges_core::store::StoreError;

/// A limit on the number of records of bounded kinds, shared by all partitions.
#[derive(Debug)]
pub(crate) struct Bound {
    limit: NonZeroUsize,
    count: AtomicUsize,
}

impl Bound {
    pub(crate) const fn new(limit: NonZeroUsize) -> Self {
        Self { limit, count: AtomicUsize::new(0) }
    }

    /// Reserves room for `additional` records, all or nothing.
    ///
    /// Reserve before writing: concurrent batches then cannot exceed the limit together.
    pub(crate) fn reserve(&self, additional: usize) -> Result<(), StoreError> {
        let grown = |count: usize| count.checked_add(additional).filter(|count| *count <= self.limit.get());
        match self.count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, grown) {
            Ok(_) => Ok(()),
            Err(_) => Err(StoreError::Full(None)),
        }
    }

    pub(crate) fn release(&self, removed: usize) {
        self.count.fetch_sub(removed, Ordering::Relaxed);
    }
}
