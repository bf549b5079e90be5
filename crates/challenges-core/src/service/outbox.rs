use super::Challenges;
use crate::codec;
use crate::error::Error;
use crate::id::OutboxId;
use crate::keyring::SealError;
use crate::outbox::{self, Act, Body, Confirmation, Delivery, OutboxEntry, Task, TaskBody, UnreadableEntry};
use crate::owner::Owner;
use crate::secret::Secret;
use crate::store::{Kind, Stored};
use crate::time::Timestamp;

impl Challenges {
    /// What is to be sent or done, be it due already or not, of a user or of all: at most `limit` (1 to 500) after that
    /// one, in order of owner and creation. Looking changes nothing.
    ///
    /// An entry that cannot be read keeps none of the others back: it is there as an [`UnreadableEntry`].
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for another limit, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn outbox(
        &self,
        owner: Option<&Owner>,
        after: Option<OutboxId>,
        limit: usize,
    ) -> Result<Vec<Result<OutboxEntry, UnreadableEntry>>, Error> {
        self.list_outbox(Kind::Outbox, owner, after, limit, |stored| {
            let entry = self.open_entry(codec::decode(&stored.record.body)?, stored.record.due)?;
            Ok(owner.is_none_or(|owner| entry.owner == *owner).then_some(entry))
        })
        .await
    }

    /// What `open` opens of entries, or of dead letters; those that it does not, as unreadable.
    pub(super) async fn list_outbox<T: Send>(
        &self,
        kind: Kind,
        owner: Option<&Owner>,
        after: Option<OutboxId>,
        limit: usize,
        open: impl Fn(&Stored) -> Result<Option<T>, Error> + Send + Sync,
    ) -> Result<Vec<Result<T, UnreadableEntry>>, Error> {
        self.list_stored(owner, kind, after.map(|id| id.0), limit, |stored| {
            let unreadable = |source| UnreadableEntry { id: OutboxId(stored.record.key.id), source };
            Ok(open(stored).map_err(unreadable).transpose())
        })
        .await
    }

    pub(super) fn open_entry(&self, body: Body, due: Option<Timestamp>) -> Result<OutboxEntry, Error> {
        let place = outbox::place(body.id, &body.owner);
        let task = match (body.task, body.challenge) {
            (TaskBody::Deliver { channel, endpoint, page, secret }, Some(challenge)) => {
                let plain = self.inner.ring.open(place, &secret)?;
                let secret: Secret = std::str::from_utf8(&plain).map_err(|_| SealError::Forged)?.into();
                let link = outbox::link(&page, &body.owner, challenge, secret.expose());
                Task::Deliver(Delivery { channel, endpoint, secret, link })
            }
            (TaskBody::Confirm { endpoint, code }, _) => {
                let plain = self.inner.ring.open(place, &code)?;
                let code = std::str::from_utf8(&plain).map_err(|_| SealError::Forged)?.into();
                Task::Confirm(Confirmation { endpoint, code })
            }
            (TaskBody::Act { actor, index, action, .. }, _) => {
                let plain = self.inner.ring.open(place, &action)?;
                Task::Act(Act { actor, index, action: codec::decode(&plain)? })
            }
            (TaskBody::Deliver { .. }, None) => return Err(SealError::Forged.into()),
        };
        let Body { id, owner, challenge, attempts, until, .. } = body;
        Ok(OutboxEntry { id, owner, challenge, attempts, due: due.unwrap_or(until), until, task })
    }
}
