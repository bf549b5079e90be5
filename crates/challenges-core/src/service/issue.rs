use std::time::Duration;

use super::siblings::Siblings;
use super::subjects::subject_or_new;
use super::{Challenges, Now};
use crate::challenge::{Challenge, ChallengeType, Event, Issue, Transition};
use crate::codec::{self, Form};
use crate::error::Error;
use crate::id::{ChallengeId, OutboxId};
use crate::outbox::{Body, TaskBody};
use crate::owner::Owner;
use crate::store::{Expect, Key, Kind, Record, Version, Write};
use crate::subject::Subject;
use crate::time::Timestamp;
use crate::webauthn::PublicChallenge;

/// What issuing a challenge brings about.
pub(super) struct Issued {
    pub(super) transition: Transition,
    /// What to store with it.
    pub(super) writes: Vec<Write>,
    /// How long messages to the user are held up, where the challenge goes without one for that reason.
    pub(super) limited: Option<Duration>,
}

impl Challenges {
    /// Issues a pending challenge. A message is counted in the owner's subject
    /// record; where too many were sent of late, a challenge that can be answered otherwise goes without.
    pub(super) fn issue(
        &self,
        challenge: Challenge,
        siblings: &Siblings,
        subject: Option<(Subject, Version)>,
        now: Now,
    ) -> Result<Issued, Error> {
        let unsent = self.is_answerable_unsent(&challenge, siblings);
        let mut message = self.message(&challenge, siblings)?;
        let (mut writes, mut limited) = (Vec::new(), None);
        if message.is_some() {
            let (mut subject, read) = subject_or_new(subject, challenge.owner());
            match self.count_send(&mut subject, now) {
                Ok(()) => writes.push(self.put_subject(&subject, read, now)?),
                Err(wait) if unsent => (message, limited) = (None, Some(wait)),
                Err(wait) => return Err(self.refuse_send(challenge.owner(), wait).into()),
            }
        }
        let public_challenge = match siblings.webauthn_for(&challenge).next() {
            Some(_) => Some(PublicChallenge::generate(self.entropy())?),
            None => None,
        };
        let event = Event::Issue(Issue {
            answerable: message.is_some() || unsent,
            link: message.as_ref().map(|message| self.link_mac(&challenge, message)),
            public_challenge,
            deliveries: message.as_ref().map(|message| message.to.clone()).unwrap_or_default(),
        });
        // The challenge is pending, so nothing but its time being over already refuses the step.
        let transition = challenge.into_step(event, &self.inner.policy, now.latest).map_err(|_| Error::Clock)?;
        if let Some(message) = &message {
            writes.extend(self.enqueue_message(&transition, message, now)?);
        }
        Ok(Issued { transition, writes, limited })
    }

    /// Whether a challenge can be answered although no message reaches the user.
    pub(super) fn is_answerable_unsent(&self, challenge: &Challenge, siblings: &Siblings) -> bool {
        let by_code = challenge.types().offer(ChallengeType::Code) && challenge.code().is_some();
        let by_totp = siblings.totp_for(challenge).next().is_some();
        let by_webauthn = siblings.webauthn_for(challenge).next().is_some();
        by_code || by_totp || by_webauthn || challenge.action().is_some()
    }

    /// An outbox entry, due at once, with the time until which it is attempted and from when on it is garbage.
    pub(super) fn enqueue_for(
        &self,
        owner: &Owner,
        challenge: Option<ChallengeId>,
        (until, expires): (Timestamp, Option<Timestamp>),
        now: Now,
        task: impl FnOnce(OutboxId, &Owner) -> Result<TaskBody, Error>,
    ) -> Result<Write, Error> {
        let id = OutboxId(self.mint(owner, now)?);
        let (task, owner) = (task(id, owner)?, owner.clone());
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

    pub(super) fn kept_until(&self, challenge: &Challenge) -> Timestamp {
        challenge.expires().after(self.inner.policy.retention)
    }
}
