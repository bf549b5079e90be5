use super::calls::Outbox;
use super::entry::OutboxEntry;
use super::open::open_entry;
use super::record::{Body, Death};
use crate::approvals::{self, ActionResult};
use crate::codec;
use crate::engine::{Change, Engine};
use crate::error::{Error, Invalid};
use crate::id::OutboxId;
use crate::keyring::{SecretField, SecretFields as _};
use crate::observer::Observation;
use crate::owner::Owner;
use crate::store::{Key, Kind, Load, Record, Stored, Write};

impl Outbox<'_> {
    /// Lists the dead letters of a user, or of all users, after a cursor. `limit` is 1 to 500.
    ///
    /// A dead letter of a message expires with the challenge. A dead letter of an action stays until the host
    /// [retries](Self::retry) or [discards](Self::discard) the letter.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] when the limit is out of range.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "outbox.dead_letters", level = "debug", skip_all))]
    #[allow(clippy::type_complexity, reason = "entries that cannot be read fail one by one")]
    pub async fn dead_letters(
        self,
        owner: Option<&Owner>,
        after: Option<OutboxId>,
        limit: usize,
    ) -> Result<Vec<Result<OutboxEntry, (OutboxId, Error)>>, Error> {
        self.list_kind(Kind::DeadLetter, owner, after, limit, |stored| {
            let letter = self.open_dead_letter(stored)?;
            Ok(owner.is_none_or(|owner| letter.owner == *owner).then_some(letter))
        })
        .await
    }

    /// Puts a dead letter back into the outbox under the same id, with no attempts counted.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] when there is no such dead letter.
    /// - [`Error::Invalid`] when the letter is a message and has expired.
    /// - [`Error::Seal`] when the keys in the ring do not open the letter.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "outbox.retry", level = "debug", skip_all))]
    pub async fn retry(self, id: OutboxId) -> Result<(), Error> {
        let engine = self.engine;
        let letter = key(id);
        engine
            .transact(Some(&Load::key(letter)), |loaded, now| {
                let stored = loaded.find(letter).ok_or(Error::NotFound)?;
                let mut body: Body = codec::decode(&stored.record.body)?;
                if !body.is_message() {
                    body.until = now.clock.after(engine.policy.dispatch.action_age);
                } else if now.latest >= body.until {
                    return Err(Invalid::MessageOver.into());
                }
                body.attempts = 0;
                body.dead = None;
                // A reseal walk may miss a record that moves between kinds, so the move itself seals the record again.
                reseal(engine, &mut body)?;
                let record = Record {
                    key: Key::new(Kind::Outbox, id.0),
                    due: Some(now.clock),
                    expires: stored.record.expires,
                    body: codec::encode(&body)?,
                };
                let delete = Write::delete(letter, stored.version);
                Ok(Change::new(vec![delete, Write::create(record)], ()))
            })
            .await?;
        engine.observe(&Observation::DeadLetterRetried { entry: id });
        Ok(())
    }

    /// Discards a dead letter. The result of an action remains stored, as not performed.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] when there is no such dead letter.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "outbox.discard", level = "debug", skip_all))]
    pub async fn discard(self, id: OutboxId) -> Result<(), Error> {
        let engine = self.engine;
        let letter = key(id);
        engine
            .transact(Some(&Load::key(letter)), |loaded, now| {
                let stored = loaded.find(letter).ok_or(Error::NotFound)?;
                let mut writes = vec![Write::delete(letter, stored.version)];
                // An unreadable letter has to be discardable too.
                if let Ok(body) = codec::decode::<Body>(&stored.record.body)
                    && let Some((result, until)) = body.dead_result()
                {
                    writes.extend(approvals::put_result(result, until, now)?);
                }
                Ok(Change::new(writes, ()))
            })
            .await?;
        engine.observe(&Observation::DeadLetterDiscarded { entry: id });
        Ok(())
    }

    fn open_dead_letter(self, stored: &Stored) -> Result<OutboxEntry, Error> {
        let body: Body = codec::decode(&stored.record.body)?;
        let Death { at: died, status } = body.dead.unwrap_or(Death { at: body.until, status: None });
        Ok(OutboxEntry { died: Some(died), status, ..open_entry(self.engine, body, None)? })
    }
}

/// Returns the result of a dead-lettered action: not performed.
pub(crate) async fn dead_letter_result(engine: &Engine, id: OutboxId) -> Result<Option<ActionResult>, Error> {
    let loaded = engine.store.load(&Load::key(key(id))).await?;
    let Some(stored) = loaded.find(key(id)) else { return Ok(None) };
    let body: Body = codec::decode(&stored.record.body)?;
    Ok(body.dead_result().map(|(result, _)| result))
}

/// Seals the secret of a letter under the active key.
fn reseal(engine: &Engine, body: &mut Body) -> Result<(), Error> {
    for field in body.secret_fields() {
        match field {
            SecretField::Sealed(place, sealed) => {
                if !engine.keys.is_under_active_key(sealed)? {
                    let plain = engine.keys.open(place, sealed)?;
                    *sealed = engine.seal(place, &plain)?;
                }
            }
            SecretField::Mac(_) => {}
        }
    }
    Ok(())
}

const fn key(id: OutboxId) -> Key {
    Key::new(Kind::DeadLetter, id.0)
}
