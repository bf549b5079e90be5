use crate::time::Timestamp;

/// The results of an [`Outbox::dispatch`](super::Outbox::dispatch) call, as numbers of entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dispatched {
    /// Performed entries.
    pub performed: usize,
    /// Failed entries that will be attempted again.
    pub retried: usize,
    /// Entries that failed for good and became dead letters.
    pub dead: usize,
    /// Pointless entries, dropped without an attempt or because the address no longer exists.
    pub dropped: usize,
    /// Unreadable entries, postponed by 60 to 120 seconds.
    pub unreadable: usize,
    /// Entries taken over by another dispatcher.
    pub lost: usize,
    /// The time to call again, or `None` when no entry waits.
    pub next: Option<Timestamp>,
}
