use super::attempt::AttemptResult;
use super::lease::Lease;
use crate::challenge::{self, Challenge, Event, LoadedFactors};
use crate::codec;
use crate::endpoints::{self, Endpoint};
use crate::engine::{self, Now, Versioned};
use crate::error::Error;
use crate::observer::{DropReason, Observation};
use crate::outbox::Failure;
use crate::outbox::{Body, Death, Outbox};
use crate::state::Outcome;
use crate::store::{Kind, Loaded, Write};
use crate::stored_factor::StoredFactor;
use crate::throttle::Counters;

/// The end of an unsent message.
#[derive(Clone, Copy)]
pub(super) enum MessageEnd<'a> {
    Dead(Option<&'a Failure>),
    AddressGone,
    Dropped(DropReason),
}

impl Outbox<'_> {
    /// Deletes the entry of a sent message, and marks the challenge as delivered.
    pub(super) async fn complete_message(self, lease: &Lease, status: Option<u16>) -> Result<AttemptResult, Error> {
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
        engine.observe(&lease.performed(status));
        if let Some(challenge) = delivered {
            challenge::observe_moved(engine, &challenge, Outcome::Delivered);
        }
        Ok(AttemptResult::Performed)
    }

    /// Deletes the entry of an unsent message. Fails the challenge when no other message or factor can still pass the
    /// challenge.
    pub(super) async fn end_message(self, lease: &Lease, end: MessageEnd<'_>) -> Result<AttemptResult, Error> {
        let engine = self.engine;
        // Another factor may be able to answer.
        let load = lease.load(&[Kind::Outbox, Kind::Counters]).with_owned(&StoredFactor::kinds());
        let ended = self.transact_leased(&load, lease, |loaded, now| {
            let mut writes = vec![lease.delete()];
            let mut counters = Counters::read(engine, loaded, &lease.body().owner)?;
            let mut gone = None;
            match end {
                MessageEnd::Dead(failure) => {
                    let status = failure.and_then(|failure| failure.status);
                    writes.push(lease.bury(Death { at: now.latest, status })?);
                }
                MessageEnd::AddressGone => {
                    if let Some(found) = find_endpoint(lease, loaded)? {
                        writes.push(found.delete());
                        if found.value.is_confirmed() {
                            counters.lose_factor(found.value.channel());
                        }
                        gone = Some(found.value);
                    }
                }
                MessageEnd::Dropped(_) => {}
            }
            let is_forgiven = is_send_lost(lease, loaded) && counters.forgive_cool_down(lease.body().id.0.created());
            // A deletion writes the counters too, so that it conflicts with other changes of the user's endpoints.
            if is_forgiven || gone.is_some() {
                writes.push(counters.write(engine, now)?);
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
            endpoints::release(engine, &endpoint).await;
            engine.observe(&Observation::EndpointGone { endpoint: endpoint.id(), owner: &lease.body().owner });
        }
        if let Some(challenge) = failed {
            challenge::observe_moved(engine, &challenge, Outcome::Failed);
        }
        Ok(result)
    }

    /// Fails the challenge of an ended message when no other message or factor can still pass the challenge. Returns
    /// the failed challenge.
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
        let factors = LoadedFactors::read(engine, loaded, found.value.owner(), now)?;
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
}

/// Finds the receiving endpoint, unless the endpoint is deleted already.
fn find_endpoint(lease: &Lease, loaded: &Loaded) -> Result<Option<Versioned<Endpoint>>, Error> {
    let Some(id) = lease.endpoint() else { return Ok(None) };
    match engine::find_owned::<Endpoint>(loaded, &lease.body().owner, id.0) {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns whether every message of the send has failed. A confirmation is the only message of its send. A notice is no
/// send.
fn is_send_lost(lease: &Lease, loaded: &Loaded) -> bool {
    if lease.body().is_notice() {
        return false;
    }
    if lease.body().challenge.is_none() {
        return true;
    }
    let is_undelivered = lease.challenge(loaded).is_some_and(|found| found.value.is_undelivered());
    is_undelivered && !has_other_messages(lease, loaded)
}

/// Returns whether the outbox holds another message of the challenge.
fn has_other_messages(lease: &Lease, loaded: &Loaded) -> bool {
    let is_of_challenge = |body: Body| body.is_message() && body.challenge == lease.body().challenge;
    loaded.of_kind(Kind::Outbox).any(|stored| {
        // Another dispatcher may be able to read and send an entry that is unreadable here.
        stored.record.key != lease.key() && codec::decode(&stored.record.body).map_or(true, is_of_challenge)
    })
}
