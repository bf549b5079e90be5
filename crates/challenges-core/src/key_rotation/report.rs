use std::collections::BTreeMap;

use super::ResealCursor;
use crate::error::Error;
use crate::keyring::KeyId;
use crate::store::Key;
use crate::time::Timestamp;

/// The result of one call of [`Keys::reseal`](super::Keys::reseal).
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ResealReport {
    /// The number of records looked at.
    pub looked_at: usize,
    /// The number of records sealed again.
    pub resealed: usize,
    /// The number of outbox entries skipped because they are being sent or wait for a retry. Another walk finds the entries
    /// ended.
    pub busy: usize,
    /// The keys, other than the active one, of MACs of codes and links, and when the last MAC met by this call expires. MACs
    /// cannot be re-keyed and expire with their records.
    pub still_under: BTreeMap<KeyId, Timestamp>,
    /// The records that could not be read. They are unchanged.
    pub unreadable: Vec<UnreadableRecord>,
    /// The cursor to continue after; absent at the end of the walk.
    pub next: Option<ResealCursor>,
    /// Whether the walk has ended and left nothing under any key but the active one. Every other key may then be removed
    /// from the ring.
    ///
    /// The salt, which every start opens, is sealed again last and only then. A walk does not see records written later by a
    /// process that still seals under another key: first give every process the active key.
    pub done: bool,
}

/// A record that could not be sealed again.
#[derive(Debug, thiserror::Error)]
#[error("the record {key:?} cannot be sealed again; see the source of this error")]
#[non_exhaustive]
pub struct UnreadableRecord {
    /// The key of the record.
    pub key: Key,
    /// The reason:
    ///
    /// - [`Error::Seal`] when the keys at hand do not open the record. No walk changes that.
    /// - [`Error::Body`] when the record has an unknown format. The walk is then not [`done`](ResealReport::done).
    pub source: Error,
}
