use crate::courier::{Failure, Receipt};
use crate::id::OutboxId;
use crate::store::Stored;
use crate::time::Timestamp;

/// What became of an entry of the outbox.
#[derive(Debug)]
#[non_exhaustive]
pub enum OutboxOutcome<'a> {
    /// It was performed.
    Performed(Receipt),
    /// It failed, and is attempted again.
    Retried {
        /// Why it failed.
        failure: &'a Failure,
        /// When it is attempted next.
        due: Timestamp,
    },
    /// It failed for good and is a dead letter now; without a reason where its attempts were used up by crashes or its
    /// time is over.
    DeadLettered(Option<&'a Failure>),
    /// It was not performed, since it is worth nothing any more.
    Dropped(DropReason),
}

/// Why an entry is worth nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DropReason {
    /// Its challenge has been deleted.
    ChallengeGone,
    /// Its challenge takes no answer any more: it has ended or timed out.
    ChallengeOver,
    /// Another secret or code has been sent in its place, or it has been used.
    Superseded,
    /// The address that it was to go to has been removed or disabled.
    EndpointGone,
    /// Its time is over.
    TooLate,
}

/// An entry that was due when [`Challenges::due_entries`](crate::Challenges::due_entries) looked.
#[derive(Clone, Debug)]
pub struct DueEntry(pub(crate) Stored);

impl DueEntry {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> OutboxId {
        OutboxId(self.0.record.key.id)
    }
}

/// What one call of [`Challenges::dispatch`](crate::Challenges::dispatch) did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dispatched {
    /// Entries that were performed.
    pub performed: usize,
    /// Entries that failed and are attempted again later.
    pub retried: usize,
    /// Entries that failed for good.
    pub dead: usize,
    /// Entries that were worth nothing any more.
    pub dropped: usize,
    /// Entries that could not be read, and are looked at again later.
    pub unreadable: usize,
    /// Entries that somebody else took.
    pub lost: usize,
    /// When there is something to do next; nothing is waiting, where absent.
    pub next: Option<Timestamp>,
}
