use zeroize::Zeroizing;

use super::siblings::Siblings;
use super::{Challenges, Now};
use crate::address::ResponseUri;
use crate::challenge::{Challenge, ChallengeType, Effect, Transition};
use crate::entropy;
use crate::error::{Error, Invalid};
use crate::id::EndpointId;
use crate::keyring::Mac;
use crate::outbox::{self, TaskBody};
use crate::store::Write;

/// A link that is to be sent: the page that it leads to, its secret, and to which endpoints.
pub(super) struct LinkMessage {
    page: ResponseUri,
    secret: Zeroizing<String>,
    pub(super) to: Vec<(ChallengeType, EndpointId)>,
}

impl Challenges {
    /// What is to be sent of a challenge, under a new secret; `None`, when there is nowhere to send it to.
    pub(super) fn message(&self, challenge: &Challenge, siblings: &Siblings) -> Result<Option<LinkMessage>, Error> {
        let endpoints = siblings.endpoints_for(challenge).filter(|endpoint| endpoint.channel().sends_link());
        let to: Vec<_> = endpoints.map(|endpoint| (endpoint.channel(), endpoint.id())).collect();
        // Where the policy asks for a number and none was told at creation, no message could be answered.
        let unanswerable = self.inner.policy.number_match && challenge.number().is_none();
        if to.is_empty() || unanswerable {
            return Ok(None);
        }
        let page = challenge.response_uri().or(self.inner.answer_page.as_ref()).ok_or(Invalid::NoAnswerPage)?;
        Ok(Some(LinkMessage { page: page.clone(), secret: Zeroizing::new(entropy::secret(self.entropy())?), to }))
    }

    pub(super) fn link_mac(&self, challenge: &Challenge, message: &LinkMessage) -> Mac {
        self.inner.ring.mac(challenge.place().field("link"), &message.secret)
    }

    /// The outbox entries of a transition that sends a message.
    pub(super) fn enqueue_message(
        &self,
        transition: &Transition,
        message: &LinkMessage,
        now: Now,
    ) -> Result<Vec<Write>, Error> {
        let challenge = &transition.next;
        // A link is worth nothing once its challenge is over.
        let life = (challenge.expires(), Some(self.kept_until(challenge)));
        let mut writes = Vec::with_capacity(transition.effects.len());
        for effect in &transition.effects {
            let Effect::Deliver { channel, endpoint } = *effect else { continue };
            writes.push(self.enqueue_for(challenge.owner(), Some(challenge.id()), life, now, |id, owner| {
                let place = outbox::place(id, owner);
                let secret = self.inner.ring.seal(self.entropy(), place, message.secret.as_bytes())?;
                Ok(TaskBody::Deliver { channel, endpoint, page: message.page.clone(), secret })
            })?);
        }
        Ok(writes)
    }
}
