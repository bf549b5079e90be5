use std::collections::BTreeMap;

use crate::error::Error;
use crate::store::Key;
use crate::time::Timestamp;

/// The result of a call of [`Challenges::reseal`](crate::Challenges::reseal).
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ResealReport {
    /// The number of records looked at.
    pub looked_at: usize,
    /// The number of records sealed or authenticated again.
    pub resealed: usize,
    /// The number of outbox entries skipped, because a dispatcher attempts the entry now or waits for a retry: a change
    /// would end the lease. Start another walk after these attempts.
    pub skipped: usize,
    /// The ids of the inactive keys of MACs of codes and links, each with the expiry of the last MAC met by this call.
    /// MACs cannot be re-keyed and expire with the records.
    ///
    /// Recovery codes never expire ([`Timestamp::MAX`]) and end with their key. The walk does not wait for recovery
    /// codes: ask the users to generate new ones. The walk does not wait for trusted devices either, which move to the
    /// active key at the next check.
    pub still_under: BTreeMap<String, Timestamp>,
    /// The unreadable records, left unchanged, each with the reason:
    ///
    /// - [`Error::Seal`] when the keys in the ring do not open the record. Another walk fails in the same way.
    /// - [`Error::Body`] when the record has an unknown format. The walk is then not [`done`](Self::done).
    pub unreadable: Vec<(Key, Error)>,
    /// The cursor to continue after; absent at the end of the walk. The text can be stored, to continue after a
    /// restart.
    pub next: Option<String>,
    /// `true` if the walk has ended with nothing left under an inactive key. Every inactive key may then be removed
    /// from the ring.
    ///
    /// The salt, which every start opens, is sealed again last, and only then. A walk does not see records written
    /// later by a process that still seals under another key, so first give every process the active key.
    pub done: bool,
}

impl ResealReport {
    /// Returns the progress of the walk as a fixed word.
    pub(crate) const fn progress(&self) -> &'static str {
        match (&self.next, self.done) {
            (Some(_), _) => "page",
            (None, true) => "done",
            (None, false) => "left",
        }
    }
}
