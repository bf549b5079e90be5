use super::entry::OutboxEntry;
use super::open::open_entry;
use crate::codec;
use crate::engine::Engine;
use crate::error::Error;
use crate::id::OutboxId;
use crate::owner::Owner;
use crate::store::{Kind, Stored};
use crate::throttle::MessageBudget;

/// The calls for the outbox. Returned by [`Challenges::outbox`](crate::Challenges::outbox).
#[derive(Clone, Copy, Debug)]
pub struct Outbox<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) budget: &'a MessageBudget,
}

impl<'a> Outbox<'a> {
    pub(crate) const fn new(engine: &'a Engine, budget: &'a MessageBudget) -> Self {
        Self { engine, budget }
    }
}

impl Outbox<'_> {
    /// Lists the entries of a user, or of all users, after a cursor, in order of owner and creation. `limit` is 1 to
    /// 500. The list includes entries that are not due yet. Listing changes nothing.
    ///
    /// If the format of an entry is unknown, or its key is missing from the ring, the entry is listed with its id and
    /// the error. The other entries stay readable.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] when the limit is out of range.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "outbox.list", level = "debug", skip_all))]
    #[allow(clippy::type_complexity, reason = "entries that cannot be read fail one by one")]
    pub async fn list(
        self,
        owner: Option<&Owner>,
        after: Option<OutboxId>,
        limit: usize,
    ) -> Result<Vec<Result<OutboxEntry, (OutboxId, Error)>>, Error> {
        self.list_kind(Kind::Outbox, owner, after, limit, |stored| {
            let entry = open_entry(self.engine, codec::decode(&stored.record.body)?, stored.record.due)?;
            Ok(owner.is_none_or(|owner| entry.owner == *owner).then_some(entry))
        })
        .await
    }

    /// Lists the values of `open` for entries or dead letters. An error of `open` is listed with the id.
    pub(super) async fn list_kind<T: Send>(
        self,
        kind: Kind,
        owner: Option<&Owner>,
        after: Option<OutboxId>,
        limit: usize,
        open: impl Fn(&Stored) -> Result<Option<T>, Error> + Send + Sync,
    ) -> Result<Vec<Result<T, (OutboxId, Error)>>, Error> {
        self.engine
            .list_stored(owner, kind, after.map(|id| id.0), limit, |stored| {
                let unreadable = |error| (OutboxId(stored.record.key.id), error);
                Ok(open(stored).map_err(unreadable).transpose())
            })
            .await
    }
}
