use super::siblings::Siblings;
use super::{Challenges, Now};
use crate::challenge::{Challenge, ChallengeType, Effect, Event, Issue, Transition};
use crate::codec::{self, Form};
use crate::entropy;
use crate::error::{Error, Invalid};
use crate::id::OutboxId;
use crate::outbox::{self, Body, TaskBody};
use crate::owner::Owner;
use crate::store::{Expect, Key, Kind, Record, Version, Write};
use crate::time::Timestamp;
use crate::webauthn::PublicChallenge;

impl Challenges {
    /// Issues a pending challenge: the transition, and the deliveries to store with it.
    pub(super) fn issue(
        &self,
        challenge: &Challenge,
        siblings: &Siblings,
        now: Now,
    ) -> Result<(Transition, Vec<Write>), Error> {
        let deliveries: Vec<_> = siblings
            .endpoints_for(challenge)
            .filter(|endpoint| endpoint.channel().sends_link())
            .map(|endpoint| (endpoint.channel(), endpoint.id()))
            .collect();
        let public_challenge = match siblings.webauthn_for(challenge).next() {
            Some(_) => Some(PublicChallenge::generate(self.entropy())?),
            None => None,
        };
        let message = match deliveries.is_empty() {
            true => None,
            false => {
                let page = challenge.response_uri().or(self.inner.answer_page.as_ref()).ok_or(Invalid::NoAnswerPage)?;
                Some((page, zeroize::Zeroizing::new(entropy::secret(self.entropy())?)))
            }
        };
        let secret = message.as_ref().map(|(_, secret)| secret);
        let event = Event::Issue(Issue {
            answerable: secret.is_some() || self.is_answerable_unsent(challenge, siblings),
            link: secret.map(|secret| self.inner.ring.mac(challenge.place().field("link"), secret)),
            public_challenge,
            deliveries,
        });
        // The challenge is pending, so nothing but its time being over already refuses the step.
        let transition = challenge.step(event, &self.inner.policy, now.latest).map_err(|_| Error::Clock)?;
        let mut writes = Vec::with_capacity(transition.effects.len());
        for effect in &transition.effects {
            if let (Effect::Deliver { channel, endpoint }, Some((page, secret))) = (effect, &message) {
                writes.push(self.enqueue(challenge, now, |id, owner| {
                    Ok(TaskBody::Deliver {
                        channel: *channel,
                        endpoint: *endpoint,
                        page: (*page).clone(),
                        secret: self.inner.ring.seal(self.entropy(), outbox::place(id, owner), secret.as_bytes())?,
                    })
                })?);
            }
        }
        Ok((transition, writes))
    }

    /// Whether a challenge can be answered although no message reaches the user.
    pub(super) fn is_answerable_unsent(&self, challenge: &Challenge, siblings: &Siblings) -> bool {
        let by_code = challenge.types().offer(ChallengeType::Code) && challenge.code().is_some();
        let by_totp = siblings.totp_for(challenge).next().is_some();
        let by_webauthn = siblings.webauthn_for(challenge).next().is_some();
        by_code || by_totp || by_webauthn || challenge.action().is_some()
    }

    /// An outbox entry of a challenge, due at once.
    pub(super) fn enqueue(
        &self,
        challenge: &Challenge,
        now: Now,
        task: impl FnOnce(OutboxId, &Owner) -> Result<TaskBody, Error>,
    ) -> Result<Write, Error> {
        let owner = challenge.owner();
        let id = OutboxId(self.mint(owner, now)?);
        let task = task(id, owner)?;
        // A link is worth nothing once its challenge is over; an action that was decided must run, however late.
        let (until, expires) = match task {
            TaskBody::Deliver { .. } => (challenge.expires(), Some(self.kept_until(challenge))),
            TaskBody::Act { .. } => (now.clock.after(self.inner.policy.dispatch.action_age), None),
        };
        let (owner, challenge) = (owner.clone(), Some(challenge.id()));
        let body = Body { v: Form, id, owner, challenge, attempts: 0, until, task, dead: None };
        let record =
            Record { key: Key::new(Kind::Outbox, id.0), due: Some(now.clock), expires, body: codec::encode(&body)? };
        Ok(Write::put(Expect::Absent, record))
    }

    /// Stores a challenge in place of the one that was read, or of none.
    pub(super) fn put_challenge(&self, challenge: &Challenge, read: Option<Version>) -> Result<Write, Error> {
        let record = Record {
            key: Key::new(Kind::Challenge, challenge.id().0),
            due: None,
            expires: Some(self.kept_until(challenge)),
            body: codec::encode(challenge.body())?,
        };
        Ok(Write::put(read.map_or(Expect::Absent, Expect::At), record))
    }

    fn kept_until(&self, challenge: &Challenge) -> Timestamp {
        challenge.expires().after(self.inner.policy.retention)
    }
}
