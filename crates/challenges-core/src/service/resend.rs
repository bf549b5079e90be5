use super::Challenges;
use super::challenges::{find, load};
use super::subjects::subject_or_new;
use super::transaction::Decision;
use crate::challenge::{Challenge, Event, Outcome, Resend};
use crate::codec;
use crate::error::{Error, Invalid};
use crate::id::ChallengeId;
use crate::observer::Observation;
use crate::outbox::Body;
use crate::store::{Kind, Loaded, Write};

impl Challenges {
    /// Sends a challenge once more, to the endpoints that it would be sent to now, with a new secret in place of the old
    /// one, whose link is refused from then on. Wrong answers stay counted, and its life is not prolonged.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such challenge; [`Error::Invalid`] when it is not open, is not sent as a
    /// message, or too much was sent to the user of late; [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn resend(&self, id: ChallengeId) -> Result<Challenge, Error> {
        let load = load(id).with_siblings(&[Kind::Endpoint, Kind::Subject, Kind::Outbox]);
        let challenge = self
            .transact(Some(&load), |loaded, now| {
                let (challenge, version) = find(loaded, id)?;
                let siblings = self.siblings(loaded, challenge.owner(), now)?;
                let Some(message) = self.message(&challenge, &siblings)? else {
                    return Err(Invalid::NotResendable.into());
                };
                let event =
                    Event::Resend(Resend { link: self.link_mac(&challenge, &message), deliveries: message.to.clone() });
                let step = challenge.step(event, &self.inner.policy, now.latest);
                let transition = step.map_err(|_| Invalid::NotResendable)?;
                let read = self.subject(loaded, challenge.owner())?;
                let (mut subject, read) = subject_or_new(read, challenge.owner());
                self.count_send(&mut subject, now).map_err(|wait| self.refuse_send(challenge.owner(), wait))?;
                let mut writes = superseded(loaded, id);
                writes.extend(self.enqueue_message(&transition, &message, now)?);
                writes.push(self.put_subject(&subject, read, now)?);
                writes.push(self.put_challenge(&transition.next, Some(version))?);
                Ok(Decision::Commit(writes, transition.next))
            })
            .await?;
        self.observe(&Observation::ChallengeMoved(&challenge, Outcome::Resent));
        Ok(challenge)
    }
}

/// The removal of the messages of a challenge that have not been sent yet. One that is being sent just now is not stopped,
/// but its secret is not good any more.
fn superseded(loaded: &Loaded, challenge: ChallengeId) -> Vec<Write> {
    let of_challenge = |body: Body| body.is_message() && body.challenge == Some(challenge);
    loaded
        .of_kind(Kind::Outbox)
        .filter(|stored| codec::decode(&stored.record.body).is_ok_and(of_challenge))
        .map(|stored| Write::delete(stored.record.key, stored.version))
        .collect()
}
