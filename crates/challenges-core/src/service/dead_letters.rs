use super::Challenges;
use super::actions;
use super::transaction::Decision;
use crate::codec;
use crate::error::{Error, Invalid};
use crate::id::OutboxId;
use crate::observer::Observation;
use crate::outbox::{Body, DeadLetter, UnreadableEntry};
use crate::owner::Owner;
use crate::store::{Expect, Key, Kind, Load, Loaded, Record, Stored, Version, Write};

impl Challenges {
    /// What failed for good, of a user or of all: at most `limit` (1 to 500) after that one. Dead letters of messages go
    /// with their challenges; those of actions stay until they are tried again or discarded.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for another limit, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn dead_letters(
        &self,
        owner: Option<&Owner>,
        after: Option<OutboxId>,
        limit: usize,
    ) -> Result<Vec<Result<DeadLetter, UnreadableEntry>>, Error> {
        self.list_outbox(Kind::DeadLetter, owner, after, limit, |stored| {
            let letter = self.open_dead_letter(stored)?;
            Ok(owner.is_none_or(|owner| letter.entry.owner == *owner).then_some(letter))
        })
        .await
    }

    /// Puts a dead letter back into the outbox, as if it had never been attempted, under the same id.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is none of that id; [`Error::Invalid`] when it is a message whose time is over;
    /// [`Error::Seal`] when it does not open with the keys at hand; [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn retry_dead_letter(&self, id: OutboxId) -> Result<(), Error> {
        self.transact(Some(&load(id)), |loaded, now| {
            let (mut body, version) = find(loaded, id)?;
            let expires = loaded.find(key(id)).and_then(|stored| stored.record.expires);
            if !body.is_message() {
                body.until = now.clock.after(self.inner.policy.dispatch.action_age);
            } else if now.latest >= body.until {
                return Err(Invalid::MessageOver.into());
            }
            (body.attempts, body.dead) = (0, None);
            // It moves between kinds, so a walk over both may miss it.
            self.inner.ring.renew(self.entropy(), &mut body)?;
            let entry = Key::new(Kind::Outbox, id.0);
            let record = Record { key: entry, due: Some(now.clock), expires, body: codec::encode(&body)? };
            Ok(Decision::Commit(vec![Write::delete(key(id), version), Write::put(Expect::Absent, record)], ()))
        })
        .await?;
        self.observe(&Observation::DeadLetterRetried(id));
        Ok(())
    }

    /// Forgets a dead letter. Of an action the result stays, that it was not performed.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is none of that id, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn discard_dead_letter(&self, id: OutboxId) -> Result<(), Error> {
        self.transact(Some(&load(id)), |loaded, now| {
            let stored = loaded.find(key(id)).ok_or(Error::NotFound)?;
            let mut writes = vec![Write::delete(key(id), stored.version)];
            // One that cannot be read can be forgotten all the same.
            if let Ok(body) = codec::decode::<Body>(&stored.record.body) {
                writes.extend(actions::keep(actions::given_up(&body), now)?);
            }
            Ok(Decision::Commit(writes, ()))
        })
        .await?;
        self.observe(&Observation::DeadLetterDiscarded(id));
        Ok(())
    }

    fn open_dead_letter(&self, stored: &Stored) -> Result<DeadLetter, Error> {
        let body: Body = codec::decode(&stored.record.body)?;
        let dead = body.dead;
        let entry = self.open_entry(body, None)?;
        let (died, status) = dead.map_or((entry.until, None), |dead| (dead.at, dead.status));
        Ok(DeadLetter { entry, died, status })
    }
}

const fn key(id: OutboxId) -> Key {
    Key::new(Kind::DeadLetter, id.0)
}

fn load(id: OutboxId) -> Load {
    Load::key(key(id))
}

fn find(loaded: &Loaded, id: OutboxId) -> Result<(Body, Version), Error> {
    let stored = loaded.find(key(id)).ok_or(Error::NotFound)?;
    Ok((codec::decode(&stored.record.body)?, stored.version))
}
