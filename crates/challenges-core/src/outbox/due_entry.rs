use super::record::Body;
use crate::codec;
use crate::id::OutboxId;
use crate::owner::Owner;
use crate::store::Stored;

/// An entry found due by [`Outbox::due`](super::Outbox::due). The entry is not leased until
/// [`Outbox::attempt`](super::Outbox::attempt).
#[derive(Clone, Debug)]
pub struct DueEntry(Stored);

impl DueEntry {
    pub(crate) const fn new(stored: Stored) -> Self {
        Self(stored)
    }

    /// Returns the id of the entry.
    #[must_use]
    pub const fn id(&self) -> OutboxId {
        OutboxId(self.0.record.key.id)
    }

    /// Returns the user, or `None` when the entry is unreadable.
    #[must_use]
    pub fn owner(&self) -> Option<Owner> {
        codec::decode::<Body>(&self.0.record.body).ok().map(|body| body.owner)
    }

    pub(crate) const fn stored(&self) -> &Stored {
        &self.0
    }
}
