use std::time::Duration;

use super::{Challenges, Now};
use crate::courier::{Errand, Message};
use crate::endpoint::Address;
use crate::error::Error;
use crate::id::ChallengeId;
use crate::outbox::{Act, Confirmation, Delivery, DropReason, OutboxEntry, Task};
use crate::store::Kind;

/// What to do about an entry that is due.
pub(super) enum Plan {
    Perform(Box<Errand>, Duration),
    Drop(DropReason),
    GiveUp,
}

impl Challenges {
    /// Looks whether an entry is still worth performing, and what that takes.
    pub(super) async fn plan(&self, entry: &OutboxEntry) -> Result<Plan, Error> {
        let now = self.time();
        let late = now.latest >= entry.until;
        let policy = &self.inner.policy.dispatch;
        let exhausted = entry.attempts >= policy.attempts;
        match &entry.task {
            Task::Act(_) if late || exhausted => Ok(Plan::GiveUp),
            Task::Act(Act { actor, action, .. }) => {
                let errand = Errand::Act { actor: actor.clone(), action: action.clone() };
                Ok(Plan::Perform(Box::new(errand), policy.attempt))
            }
            Task::Deliver(_) | Task::Confirm(_) if late => Ok(Plan::Drop(DropReason::TooLate)),
            Task::Deliver(delivery) => {
                let Some(challenge) = entry.challenge else { return Ok(Plan::Drop(DropReason::ChallengeGone)) };
                let plan = self.plan_delivery(entry, challenge, delivery, now).await?;
                Ok(if exhausted && matches!(plan, Plan::Perform(..)) { Plan::GiveUp } else { plan })
            }
            Task::Confirm(_) if exhausted => Ok(Plan::GiveUp),
            Task::Confirm(confirmation) => self.plan_confirmation(entry, confirmation, now).await,
        }
    }

    async fn plan_delivery(
        &self,
        entry: &OutboxEntry,
        challenge: ChallengeId,
        delivery: &Delivery,
        now: Now,
    ) -> Result<Plan, Error> {
        let load = super::challenges::load(challenge).with_siblings(&[Kind::Endpoint]);
        let loaded = self.inner.store.load(&load).await?;
        let challenge = match super::challenges::find(&loaded, challenge) {
            Ok((challenge, _)) => challenge,
            Err(Error::NotFound) => return Ok(Plan::Drop(DropReason::ChallengeGone)),
            Err(error) => return Err(error),
        };
        if challenge.accepts_answers(&self.inner.policy, now.latest).is_err() {
            return Ok(Plan::Drop(DropReason::ChallengeOver));
        }
        let secret = delivery.secret.expose();
        let current = match challenge.link() {
            Some(link) => self.inner.ring.verify(challenge.place().field("link"), link, secret)?,
            None => false,
        };
        if !current {
            return Ok(Plan::Drop(DropReason::Superseded));
        }
        let siblings = self.siblings(&loaded, &entry.owner, now)?;
        let Some(endpoint) =
            siblings.endpoints.iter().find(|known| known.id() == delivery.endpoint && known.is_usable())
        else {
            return Ok(Plan::Drop(DropReason::EndpointGone));
        };
        let remaining = now.latest.until(entry.until);
        let message =
            Message::Link { link: delivery.link.expose().into(), origin: challenge.origin().cloned(), remaining };
        let errand = match self.address(endpoint)? {
            Address::Phone(to) => Errand::Sms { to, message },
            Address::Push(to) => Errand::Push { to, message },
        };
        Ok(Plan::Perform(Box::new(errand), self.inner.policy.dispatch.attempt.min(remaining)))
    }

    async fn plan_confirmation(
        &self,
        entry: &OutboxEntry,
        Confirmation { endpoint, code }: &Confirmation,
        now: Now,
    ) -> Result<Plan, Error> {
        let loaded = self.inner.store.load(&super::endpoints::load(*endpoint)).await?;
        let endpoint = match super::endpoints::find(&loaded, &entry.owner, *endpoint) {
            Ok((endpoint, _)) => endpoint,
            Err(Error::NotFound) => return Ok(Plan::Drop(DropReason::EndpointGone)),
            Err(error) => return Err(error),
        };
        let current = match endpoint.takes_code(&self.inner.policy, now.latest) {
            Ok(mac) => self.inner.ring.verify(endpoint.place().field("code"), mac, code.expose())?,
            Err(_) => false,
        };
        let Address::Phone(to) = self.address(&endpoint)? else { return Ok(Plan::Drop(DropReason::Superseded)) };
        if !current {
            return Ok(Plan::Drop(DropReason::Superseded));
        }
        let remaining = now.latest.until(entry.until);
        let message = Message::Confirmation { code: code.expose().into(), remaining };
        let within = self.inner.policy.dispatch.attempt.min(remaining);
        Ok(Plan::Perform(Box::new(Errand::Sms { to, message }), within))
    }
}
