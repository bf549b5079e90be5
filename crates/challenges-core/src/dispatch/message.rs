use super::attempt::AttemptResult;
use super::lease::Lease;
use crate::challenge::{self, Challenge, Event, Factors};
use crate::codec;
use crate::endpoints::Endpoint;
use crate::engine::{self, Now};
use crate::error::Error;
use crate::id::EndpointId;
use crate::observer::{DropReason, Observation};
use crate::outbox::{Body, Death, Outbox};
use crate::outbox::{Failure, Receipt};
use crate::state::Outcome;
use crate::store::{Key, Kind, Loaded, Write};
use crate::throttle;

/// The kinds of records to load for ending an unsent message.
const ENDING_KINDS: &[Kind] =
    &[Kind::Outbox, Kind::Endpoint, Kind::Counters, Kind::TotpEnrollment, Kind::WebauthnEnrollment];

/// The end of an unsent message.
#[derive(Clone, Copy)]
pub(super) enum MessageEnd<'a> {
    Dead(Option<&'a Failure>),
    AddressGone,
    Dropped(DropReason),
}

impl Outbox<'_> {
    /// Deletes the entry of a sent message, and marks the challenge as delivered.
    pub(super) async fn complete_message(self, lease: &Lease, receipt: Receipt) -> Result<AttemptResult, Error> {
        let engine = self.engine;
        let load = lease.load(&[]);
        let completed = self.transact_leased(&load, lease, |loaded, now| {
            let mut writes = vec![lease.delete()];
            let delivered = lease.challenge(loaded).and_then(|found| {
                let transition = found.value.step(Event::Delivered, &engine.policy, now.latest).ok()?;
                (transition.outcome == Outcome::Delivered).then_some((transition.next, found.version))
            });
            let Some((next, version)) = delivered else { return Ok((writes, None)) };
            writes.push(engine.put(&next, Some(version))?);
            Ok((writes, Some(next)))
        });
        let Some(delivered) = completed.await? else { return Ok(AttemptResult::Lost) };
        engine.observe(&lease.performed(receipt.status));
        if let Some(challenge) = delivered {
            challenge::observe_moved(engine, &challenge, Outcome::Delivered);
        }
        Ok(AttemptResult::Performed)
    }

    /// Deletes the entry of an unsent message. Fails the challenge when no other message or factor can still pass the
    /// challenge.
    pub(super) async fn end_message(self, lease: &Lease, end: MessageEnd<'_>) -> Result<AttemptResult, Error> {
        let engine = self.engine;
        let load = lease.load(ENDING_KINDS);
        let ended = self.transact_leased(&load, lease, |loaded, now| {
            let mut writes = vec![lease.delete()];
            let mut gone = None;
            match end {
                MessageEnd::Dead(failure) => {
                    let status = failure.and_then(|failure| failure.status);
                    writes.push(lease.bury(Death { at: now.latest, status })?);
                }
                MessageEnd::AddressGone => {
                    if let Some((endpoint, deletion)) = self.delete_endpoint(lease, loaded, now)? {
                        gone = Some(endpoint);
                        writes.extend(deletion);
                    }
                }
                MessageEnd::Dropped(_) => {}
            }
            let failed = self.fail_unreachable(lease, loaded, now, &mut writes)?;
            Ok((writes, (gone, failed)))
        });
        let Some((gone, failed)) = ended.await? else { return Ok(AttemptResult::Lost) };
        let (result, observation) = match end {
            MessageEnd::Dead(failure) => (AttemptResult::Dead, lease.dead_lettered(failure)),
            MessageEnd::AddressGone => (AttemptResult::Dropped, lease.dropped(DropReason::EndpointGone)),
            MessageEnd::Dropped(reason) => (AttemptResult::Dropped, lease.dropped(reason)),
        };
        engine.observe(&observation);
        if let Some(endpoint) = gone {
            engine.observe(&Observation::EndpointGone { endpoint, owner: &lease.body().owner });
        }
        if let Some(challenge) = failed {
            challenge::observe_moved(engine, &challenge, Outcome::Failed);
        }
        Ok(result)
    }

    /// Fails the challenge of an ended message when no other message or factor can still pass the challenge. Returns the
    /// failed challenge.
    fn fail_unreachable(
        self,
        lease: &Lease,
        loaded: &Loaded,
        now: Now,
        writes: &mut Vec<Write>,
    ) -> Result<Option<Challenge>, Error> {
        let engine = self.engine;
        let Some(found) = lease.challenge(loaded) else { return Ok(None) };
        if has_other_messages(lease, loaded) {
            // Two messages that end concurrently have to conflict here, or each relies on the other.
            writes.push(engine.put(&found.value, Some(found.version))?);
            return Ok(None);
        }
        let factors = Factors::read(engine, loaded, found.value.owner(), now)?;
        if factors.answer_without_message(&found.value) {
            return Ok(None);
        }
        match found.value.step(Event::DeliveryFailed, &engine.policy, now.latest) {
            Ok(failed) if failed.outcome == Outcome::Failed => {
                writes.push(engine.put(&failed.next, Some(found.version))?);
                Ok(Some(failed.next))
            }
            Ok(_) | Err(_) => Ok(None),
        }
    }

    /// Returns the deletion of the receiving endpoint, unless the endpoint is deleted already.
    fn delete_endpoint(
        self,
        lease: &Lease,
        loaded: &Loaded,
        now: Now,
    ) -> Result<Option<(EndpointId, [Write; 2])>, Error> {
        let Some(id) = lease.endpoint() else { return Ok(None) };
        let owner = &lease.body().owner;
        let found = match engine::find_owned::<Endpoint>(loaded, owner, id.0) {
            Ok(found) => found,
            Err(Error::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let delete = Write::delete(Key::new(Kind::Endpoint, id.0), found.version);
        Ok(Some((id, [delete, throttle::touch(self.engine, loaded, owner, now)?])))
    }
}

/// Returns whether the outbox holds another message of the challenge.
fn has_other_messages(lease: &Lease, loaded: &Loaded) -> bool {
    let is_of_challenge = |body: Body| body.is_message() && body.challenge == lease.body().challenge;
    loaded.of_kind(Kind::Outbox).any(|stored| {
        // Another dispatcher may be able to read and send an entry that is unreadable here.
        stored.record.key != lease.key() && codec::decode(&stored.record.body).map_or(true, is_of_challenge)
    })
}
