use std::time::Duration;

use crate::addresses::Address;
use crate::challenge::{self, Challenge};
use crate::challenge_type::ChallengeType;
use crate::endpoints::{self, Endpoint};
use crate::engine::{self, Now};
use crate::error::Error;
use crate::id::{ChallengeId, EndpointId};
use crate::keyring::SealError;
use crate::observer::DropReason;
use crate::outbox::{Errand, Message, Notice};
use crate::outbox::{Outbox, OutboxEntry, Task};
use crate::secret::Secret;
use crate::store::Kind;
use crate::throttle::Counters;

/// The decision about a due entry.
pub(super) enum Assessment {
    Perform { errand: Box<Errand>, timeout: Duration },
    Drop(DropReason),
    GiveUp,
}

/// A link to send.
struct Link<'a> {
    challenge: ChallengeId,
    channel: ChallengeType,
    endpoint: EndpointId,
    secret: &'a Secret,
    code: Option<&'a Secret>,
    link: &'a Secret,
}

impl Outbox<'_> {
    /// Decides whether an entry is still worth performing, and opens the secrets for the attempt.
    pub(super) async fn assess(self, entry: &OutboxEntry) -> Result<Assessment, Error> {
        let now = self.engine.now();
        let policy = &self.engine.policy.dispatch;
        let is_late = now.latest >= entry.until;
        let is_exhausted = entry.attempts >= policy.attempts;
        match &entry.task {
            Task::Act { .. } if is_late || is_exhausted => Ok(Assessment::GiveUp),
            Task::Act { actor, index: _, action } => {
                let errand = Errand::Act { actor: actor.clone(), action: action.clone() };
                Ok(Assessment::Perform { errand: Box::new(errand), timeout: policy.attempt })
            }
            Task::Deliver { .. } | Task::Confirm { .. } | Task::Notice { .. } if is_late => {
                Ok(Assessment::Drop(DropReason::TooLate))
            }
            Task::Deliver { channel, endpoint, secret, code, link } => {
                let Some(challenge) = entry.challenge else {
                    return Ok(Assessment::Drop(DropReason::ChallengeGone));
                };
                let code = code.as_ref();
                let link = Link { challenge, channel: *channel, endpoint: *endpoint, secret, code, link };
                match self.assess_link(entry, link, now).await? {
                    // A pointless message is dropped even after its last attempt, so that no dead letter asks for
                    // action.
                    Assessment::Perform { .. } if is_exhausted => Ok(Assessment::GiveUp),
                    assessment => Ok(assessment),
                }
            }
            Task::Confirm { .. } | Task::Notice { .. } if is_exhausted => Ok(Assessment::GiveUp),
            Task::Confirm { endpoint, code } => self.assess_confirmation(entry, *endpoint, code, now).await,
            Task::Notice { notice, to } => self.assess_notice(entry, *notice, to.as_ref(), now).await,
        }
    }

    async fn assess_link(self, entry: &OutboxEntry, link: Link<'_>, now: Now) -> Result<Assessment, Error> {
        let engine = self.engine;
        let load = engine::load::<Challenge>(link.challenge.0).with_owned(&[Kind::Endpoint, Kind::Counters]);
        let loaded = engine.store.load(&load).await?;
        let challenge = match engine::find::<Challenge>(&loaded, link.challenge.0) {
            Ok(found) => found.value,
            Err(Error::NotFound) => return Ok(Assessment::Drop(DropReason::ChallengeGone)),
            Err(error) => return Err(error),
        };
        if challenge.accepts_link(&engine.policy, now.latest).is_err() {
            return Ok(Assessment::Drop(DropReason::ChallengeOver));
        }
        let place = challenge.place().field(challenge::Link::field(link.channel));
        let counters = Counters::read(engine, &loaded, &entry.owner)?;
        let sent = challenge.link(link.channel);
        let is_current = match sent {
            Some(sent) => engine.keys.verify(place, &sent.mac, link.secret.expose()),
            None => Ok(false),
        };
        // A link under a retired key would be refused as an answer, so do not send the link.
        if matches!(is_current, Err(SealError::RetiredKey(_))) {
            return Ok(Assessment::GiveUp);
        }
        if !is_current? {
            return Ok(Assessment::Drop(DropReason::Superseded));
        }
        let endpoints = engine.owned::<Endpoint>(&loaded, &entry.owner, now)?;
        let is_receiver = |endpoint: &Endpoint| endpoint.id() == link.endpoint && endpoint.is_usable();
        let Some(endpoint) = endpoints.iter().find(|known| is_receiver(&known.value)) else {
            return Ok(Assessment::Drop(DropReason::EndpointGone));
        };
        // The removal of another address has ended the link.
        if sent.is_some_and(|sent| sent.is_recalled(&counters)) {
            return Ok(Assessment::Drop(DropReason::Superseded));
        }
        let remaining = now.latest.until(entry.until);
        let message = Message::Link {
            link: link.link.expose().into(),
            code: link.code.map(|code| code.expose().into()),
            origin: challenge.origin().cloned(),
            remaining,
        };
        let errand = match endpoints::address(engine, &endpoint.value)? {
            Address::Phone(to) => Errand::Sms { to, message },
            Address::Email(to) => Errand::Email { to, message },
            // Another user may have registered the subscription since.
            Address::Push(to) if !endpoints::delete_unless_holder(engine, &to, link.endpoint).await? => {
                return Ok(Assessment::Drop(DropReason::EndpointGone));
            }
            Address::Push(to) => Errand::Push { to, message },
        };
        Ok(self.perform_within(errand, remaining))
    }

    async fn assess_confirmation(
        self,
        entry: &OutboxEntry,
        endpoint: EndpointId,
        code: &Secret,
        now: Now,
    ) -> Result<Assessment, Error> {
        let engine = self.engine;
        let loaded = engine.store.load(&engine::load::<Endpoint>(endpoint.0)).await?;
        let endpoint = match engine::find_owned::<Endpoint>(&loaded, &entry.owner, endpoint.0) {
            Ok(found) => found.value,
            Err(Error::NotFound) => return Ok(Assessment::Drop(DropReason::EndpointGone)),
            Err(error) => return Err(error),
        };
        let is_current = match endpoint.code_mac(&engine.policy, now.latest) {
            Ok(mac) => engine.keys.verify(endpoint.place().field("code"), mac, code.expose()),
            Err(_) => Ok(false),
        };
        if matches!(is_current, Err(SealError::RetiredKey(_))) {
            return Ok(Assessment::GiveUp);
        }
        let address = endpoints::address(engine, &endpoint)?;
        if !is_current? {
            return Ok(Assessment::Drop(DropReason::Superseded));
        }
        let remaining = now.latest.until(entry.until);
        let message = Message::Confirmation { code: code.expose().into(), remaining };
        let errand = match address {
            Address::Phone(to) => Errand::Sms { to, message },
            Address::Email(to) => Errand::Email { to, message },
            Address::Push(_) => return Ok(Assessment::Drop(DropReason::Superseded)),
        };
        Ok(self.perform_within(errand, remaining))
    }

    /// Sends a notice to the address before the change. The endpoint may be deleted since.
    async fn assess_notice(
        self,
        entry: &OutboxEntry,
        notice: Notice,
        to: Option<&(EndpointId, Address)>,
        now: Now,
    ) -> Result<Assessment, Error> {
        let (at, remaining) = (entry.id.0.created(), now.latest.until(entry.until));
        let message = Message::Notice { notice, at, remaining };
        let errand = match to.cloned() {
            None => Errand::Notice { notice, at },
            Some((_, Address::Phone(to))) => Errand::Sms { to, message },
            Some((_, Address::Email(to))) => Errand::Email { to, message },
            // Another user may have registered the subscription since.
            Some((id, Address::Push(to))) if endpoints::is_taken_over(self.engine, &to, id).await? => {
                return Ok(Assessment::Drop(DropReason::EndpointGone));
            }
            Some((_, Address::Push(to))) => Errand::Push { to, message },
        };
        Ok(self.perform_within(errand, remaining))
    }

    fn perform_within(self, errand: Errand, remaining: Duration) -> Assessment {
        let timeout = self.engine.policy.dispatch.attempt.min(remaining);
        Assessment::Perform { errand: Box::new(errand), timeout }
    }
}
