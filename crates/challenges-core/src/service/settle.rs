use super::{Challenges, Now};
use crate::challenge::{Challenge, Event, Outcome};
use crate::codec;
use crate::courier::{Failure, Receipt, Retry};
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::id::{EndpointId, OutboxId};
use crate::observer::Observation;
use crate::outbox::{Body, Dead, DropReason, OutboxOutcome, TaskBody};
use crate::store::{Commit, Expect, Key, Kind, Load, Loaded, Record, Stored, Version, Write};
use crate::time::Timestamp;

/// What became of an entry that was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Performed,
    Retried,
    Dead,
    Dropped,
    Unreadable,
    Lost,
}

/// An entry as its holder last saw or wrote it. Whatever is done with it asserts that version, so that whoever lost it to
/// somebody else changes nothing any more.
pub(super) struct Held {
    body: Body,
    version: Version,
    expires: Option<Timestamp>,
}

/// How an entry ends without having been performed.
#[derive(Clone, Copy)]
enum End<'a> {
    Dead(Option<&'a Failure>),
    AddressGone,
    Dropped(DropReason),
}

impl Held {
    pub(super) fn as_found(stored: &Stored) -> Result<Self, Error> {
        let body = codec::decode(&stored.record.body)?;
        Ok(Self { body, version: stored.version, expires: stored.record.expires })
    }

    /// The same with one attempt more, under another version.
    pub(super) fn attempted(&self, version: Version) -> Self {
        let attempts = self.body.attempts.saturating_add(1);
        Self { body: Body { attempts, ..self.body.clone() }, version, expires: self.expires }
    }

    pub(super) const fn version(&self) -> Version {
        self.version
    }

    pub(super) const fn attempts(&self) -> u32 {
        self.body.attempts
    }

    pub(super) const fn until(&self) -> Timestamp {
        self.body.until
    }

    pub(super) fn put(&self, expect: Expect, due: Timestamp) -> Result<Write, Error> {
        let body = codec::encode(&self.body)?;
        Ok(Write::put(expect, Record { key: self.key(), due: Some(due), expires: self.expires, body }))
    }

    pub(super) const fn key(&self) -> Key {
        Key::new(Kind::Outbox, self.body.id.0)
    }

    pub(super) const fn body(&self) -> &Body {
        &self.body
    }

    pub(super) fn delete(&self) -> Write {
        Write::delete(self.key(), self.version)
    }

    /// The dead letter that it becomes. One of an action waits for the host for ever.
    pub(super) fn bury(&self, dead: Dead) -> Result<Write, Error> {
        let body = codec::encode(&Body { dead: Some(dead), ..self.body.clone() })?;
        let record = Record { key: Key::new(Kind::DeadLetter, self.body.id.0), due: None, expires: self.expires, body };
        Ok(Write::put(Expect::Absent, record))
    }

    /// What its end has to look at: its challenge and records of the owner.
    fn load(&self, siblings: &[Kind]) -> Load {
        let key = self.body.challenge.map_or_else(|| self.key(), |id| Key::new(Kind::Challenge, id.0));
        Load::key(key).with_siblings(siblings)
    }

    /// Its challenge, unless that is gone. One of a form that is not known here must not have a message sent for ever.
    fn challenge(&self, loaded: &Loaded) -> Option<(Challenge, Version)> {
        super::challenges::find(loaded, self.body.challenge?).ok()
    }

    fn endpoint(&self) -> Option<EndpointId> {
        match &self.body.task {
            TaskBody::Deliver { endpoint, .. } | TaskBody::Confirm { endpoint, .. } => Some(*endpoint),
            TaskBody::Act { .. } => None,
        }
    }
}

impl Challenges {
    /// Stores what came of an attempt.
    pub(super) async fn settle(&self, held: &Held, ended: Result<Receipt, Failure>) -> Result<Fate, Error> {
        let failure = match ended {
            Ok(receipt) if held.body.is_message() => return self.deliver(held, receipt).await,
            Ok(receipt) => return self.perform_action(held, receipt).await,
            Err(failure) => failure,
        };
        match failure.then {
            Retry::Later(asked) => match self.next_attempt(held, asked)? {
                Some(due) => self.put_off(held, &failure, due).await,
                None => self.give_up(held, Some(&failure)).await,
            },
            Retry::AddressGone if held.endpoint().is_some() => self.end(held, End::AddressGone).await,
            Retry::AddressGone | Retry::Never => self.give_up(held, Some(&failure)).await,
        }
    }

    /// Ends an entry that is worth nothing any more.
    pub(super) async fn drop_entry(&self, held: &Held, reason: DropReason) -> Result<Fate, Error> {
        if reason == DropReason::EndpointGone {
            return self.end(held, End::Dropped(reason)).await;
        }
        // Its challenge has ended by itself, or has messages that count in its place.
        if self.commit_as(self.version()?, vec![held.delete()]).await? == Commit::Conflict {
            return Ok(Fate::Lost);
        }
        self.observe_outbox(held, &OutboxOutcome::Dropped(reason));
        Ok(Fate::Dropped)
    }

    /// Ends an entry as a dead letter.
    pub(super) async fn give_up(&self, held: &Held, failure: Option<&Failure>) -> Result<Fate, Error> {
        if held.body.is_message() {
            return self.end(held, End::Dead(failure)).await;
        }
        self.bury_action(held, failure).await
    }

    /// Ends the entry of a message that was sent, which its challenge remembers.
    async fn deliver(&self, held: &Held, receipt: Receipt) -> Result<Fate, Error> {
        let load = held.load(&[]);
        let performed = self.transact_held(&load, held, |loaded, now| {
            let mut writes = vec![held.delete()];
            let next = held.challenge(loaded).and_then(|(challenge, version)| {
                let delivered = challenge.step(Event::Delivered, &self.inner.policy, now.latest).ok()?;
                (delivered.outcome == Outcome::Delivered).then_some((delivered.next, version))
            });
            let Some((next, version)) = next else { return Ok((writes, None)) };
            writes.push(self.put_challenge(&next, Some(version))?);
            Ok((writes, Some(next)))
        });
        let Some(delivered) = performed.await? else { return Ok(Fate::Lost) };
        self.observe_outbox(held, &OutboxOutcome::Performed(receipt));
        if let Some(challenge) = delivered {
            self.observe(&Observation::ChallengeMoved(&challenge, Outcome::Delivered));
        }
        Ok(Fate::Performed)
    }

    async fn put_off(&self, held: &Held, failure: &Failure, due: Timestamp) -> Result<Fate, Error> {
        let again = held.put(Expect::At(held.version), due)?;
        if self.commit_as(self.version()?, vec![again]).await? == Commit::Conflict {
            return Ok(Fate::Lost);
        }
        self.observe_outbox(held, &OutboxOutcome::Retried { failure, due });
        Ok(Fate::Retried)
    }

    /// Ends the entry of a message that was not sent, and, when it was the last of a challenge that nothing else reaches or
    /// answers, that challenge with it.
    async fn end(&self, held: &Held, end: End<'_>) -> Result<Fate, Error> {
        const FOR_MESSAGES: &[Kind] =
            &[Kind::Outbox, Kind::Endpoint, Kind::Subject, Kind::TotpEnrollment, Kind::WebauthnEnrollment];
        let load = held.load(FOR_MESSAGES);
        let ended = self.transact_held(&load, held, |loaded, now| {
            let mut writes = vec![held.delete()];
            if let End::Dead(failure) = end {
                let status = failure.and_then(|failure| failure.status);
                writes.push(held.bury(Dead { at: now.latest, status })?);
            }
            let gone = match (end, held.endpoint()) {
                (End::AddressGone, Some(endpoint)) => self.forget_endpoint(held, endpoint, loaded, now)?,
                _ => None,
            };
            let is_gone = gone.is_some();
            writes.extend(gone.into_iter().flatten());
            let failed = self.follow_up(held, loaded, now, &mut writes)?;
            Ok((writes, (is_gone, failed)))
        });
        let Some((gone, failed)) = ended.await? else { return Ok(Fate::Lost) };
        let (fate, outcome) = match end {
            End::Dead(failure) => (Fate::Dead, OutboxOutcome::DeadLettered(failure)),
            End::AddressGone => (Fate::Dropped, OutboxOutcome::Dropped(DropReason::EndpointGone)),
            End::Dropped(reason) => (Fate::Dropped, OutboxOutcome::Dropped(reason)),
        };
        self.observe_outbox(held, &outcome);
        if let (true, Some(endpoint)) = (gone, held.endpoint()) {
            self.observe(&Observation::EndpointGone(endpoint));
        }
        if let Some(challenge) = failed {
            self.observe(&Observation::ChallengeMoved(&challenge, Outcome::Failed));
        }
        Ok(fate)
    }

    /// What the end of a message means for its challenge; answers the challenge when it failed by that.
    fn follow_up(
        &self,
        held: &Held,
        loaded: &Loaded,
        now: Now,
        writes: &mut Vec<Write>,
    ) -> Result<Option<Challenge>, Error> {
        let Some((challenge, version)) = held.challenge(loaded) else { return Ok(None) };
        let others = loaded.of_kind(Kind::Outbox).any(|stored| {
            let of_same = |body: Body| body.is_message() && body.challenge == held.body.challenge;
            // One that cannot be read may yet be sent by somebody who can.
            stored.record.key != held.key() && codec::decode(&stored.record.body).map_or(true, of_same)
        });
        if others {
            // Of two that end at once, the second has to meet a conflict, or both would count on the other.
            writes.push(self.put_challenge(&challenge, Some(version))?);
            return Ok(None);
        }
        let siblings = self.siblings(loaded, challenge.owner(), now)?;
        if self.is_answerable_unsent(&challenge, &siblings) {
            return Ok(None);
        }
        match challenge.step(Event::DeliveryFailed, &self.inner.policy, now.latest) {
            Ok(failed) if failed.outcome == Outcome::Failed => {
                writes.push(self.put_challenge(&failed.next, Some(version))?);
                Ok(Some(failed.next))
            }
            _ => Ok(None),
        }
    }

    /// The removal of an endpoint whose address does not exist any more; `None`, when it is removed already.
    fn forget_endpoint(
        &self,
        held: &Held,
        endpoint: EndpointId,
        loaded: &Loaded,
        now: Now,
    ) -> Result<Option<[Write; 2]>, Error> {
        let Some(stored) = loaded.find(Key::new(Kind::Endpoint, endpoint.0)) else { return Ok(None) };
        let endpoint = Endpoint::from_body(codec::decode(&stored.record.body)?);
        if endpoint.owner() != &held.body.owner {
            return Ok(None);
        }
        let delete = Write::delete(stored.record.key, stored.version);
        Ok(Some([delete, self.change_set(loaded, &held.body.owner, now)?]))
    }

    pub(super) fn observe_outbox(&self, held: &Held, outcome: &OutboxOutcome<'_>) {
        let (id, owner, challenge): (OutboxId, _, _) = (held.body.id, &held.body.owner, held.body.challenge);
        self.observe(&Observation::Outbox { id, owner, challenge, outcome });
    }
}
