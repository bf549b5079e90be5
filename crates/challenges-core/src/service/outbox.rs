use super::Challenges;
use crate::codec;
use crate::error::Error;
use crate::id::{OutboxId, SHARDS};
use crate::keyring::SealError;
use crate::outbox::{self, Act, Body, Confirmation, Delivery, OutboxEntry, Task, TaskBody, UnreadableEntry};
use crate::secret::Secret;
use crate::store::{Kind, Stored};
use crate::time::Timestamp;

impl Challenges {
    /// What is to be sent or done, be it due already or not, in the order in which it is due, at most `limit`. Looking
    /// changes nothing.
    ///
    /// An entry that cannot be read keeps none of the others back: it is there as an [`UnreadableEntry`].
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn outbox(&self, limit: usize) -> Result<Vec<Result<OutboxEntry, UnreadableEntry>>, Error> {
        let due = self.inner.store.due(Kind::Outbox, 0..SHARDS, Timestamp::MAX, limit).await?;
        let open = |stored: &Stored| {
            let unreadable = |source| UnreadableEntry { id: OutboxId(stored.record.key.id), source };
            self.open_outbox(stored).map_err(unreadable)
        };
        Ok(due.iter().map(open).collect())
    }

    pub(super) fn open_outbox(&self, stored: &Stored) -> Result<OutboxEntry, Error> {
        self.open_entry(codec::decode(&stored.record.body)?, stored.record.due)
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
            (TaskBody::Act { actor, index, action }, _) => {
                let plain = self.inner.ring.open(place, &action)?;
                Task::Act(Act { actor, index, action: codec::decode(&plain)? })
            }
            (TaskBody::Deliver { .. }, None) => return Err(SealError::Forged.into()),
        };
        let Body { id, owner, challenge, attempts, until, .. } = body;
        Ok(OutboxEntry { id, owner, challenge, attempts, due: due.unwrap_or(until), until, task })
    }
}
