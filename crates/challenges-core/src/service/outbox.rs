use super::Challenges;
use crate::codec;
use crate::error::Error;
use crate::id::{OutboxId, SHARDS};
use crate::keyring::SealError;
use crate::outbox::{self, Act, Body, Delivery, OutboxEntry, Task, TaskBody, UnreadableEntry};
use crate::secret::Secret;
use crate::store::{Kind, Stored};

impl Challenges {
    /// What is to be sent or done and is due, longest due first, at most `limit`. Looking changes nothing.
    ///
    /// An entry that cannot be read keeps none of the others back: it is there as an [`UnreadableEntry`].
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    pub async fn outbox(&self, limit: usize) -> Result<Vec<Result<OutboxEntry, UnreadableEntry>>, Error> {
        let due = self.inner.store.due(Kind::Outbox, 0..SHARDS, self.time().clock, limit).await?;
        let open = |stored: &Stored| {
            let entry = codec::decode(&stored.record.body).and_then(|body| self.open_entry(body));
            entry.map_err(|source| UnreadableEntry { id: OutboxId(stored.record.key.id), source })
        };
        Ok(due.iter().map(open).collect())
    }

    fn open_entry(&self, body: Body) -> Result<OutboxEntry, Error> {
        let place = outbox::place(body.id, &body.owner);
        let task = match body.task {
            TaskBody::Deliver { channel, endpoint, response_uri, secret } => {
                let plain = self.inner.ring.open(place, &secret)?;
                let secret: Secret = std::str::from_utf8(&plain).map_err(|_| SealError::Forged)?.into();
                let page = response_uri.as_ref();
                let link = page.map(|page| outbox::link(page, &body.owner, body.challenge, secret.expose()));
                Task::Deliver(Delivery { channel, endpoint, secret, link })
            }
            TaskBody::Act { actor, action } => {
                let plain = self.inner.ring.open(place, &action)?;
                Task::Act(Act { actor, action: codec::decode(&plain)? })
            }
        };
        Ok(OutboxEntry { id: body.id, owner: body.owner, challenge: body.challenge, task })
    }
}
