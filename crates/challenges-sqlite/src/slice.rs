use std::time::Duration;

/// The intended time of a slice, commit included.
const TIME: Duration = Duration::from_millis(5);

const FEWEST: usize = 16;
const MOST: usize = 500;

/// The number of records that the next transaction of a purge deletes at most.
///
/// The time of a deletion depends on the size of the store, on the page cache and on the disk.
#[derive(Debug)]
pub(crate) struct Slice {
    records: usize,
}

impl Default for Slice {
    fn default() -> Self {
        Self { records: 4 * FEWEST }
    }
}

impl Slice {
    pub(crate) const fn records(&self) -> usize {
        self.records
    }

    /// Fits the size to a slice that deleted `deleted` records in `time`. Grows to the double at most, so that a single fast slice
    /// means little.
    pub(crate) fn fit(&mut self, deleted: usize, time: Duration) {
        // The last slice of a purge is mostly its commit.
        if deleted < self.records && time < TIME {
            return;
        }
        let fitting =
            u128::try_from(deleted).unwrap_or(u128::MAX).saturating_mul(TIME.as_micros()) / time.as_micros().max(1);
        let most = self.records.saturating_mul(2).min(MOST);
        self.records = usize::try_from(fitting).unwrap_or(most).clamp(FEWEST, most.max(FEWEST));
    }
}

#[cfg(test)]
mod tests;
