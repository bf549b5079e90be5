use zeroize::Zeroizing;

use super::{Challenge, Factors};
use crate::challenge_type::ChallengeType;
use crate::engine::Engine;
use crate::entropy;
use crate::error::{Error, Invalid};
use crate::id::EndpointId;
use crate::keyring::Mac;
use crate::uri::ResponseUri;

/// A link to send: the page, the secret, and the endpoints.
pub(super) struct LinkMessage {
    pub(super) page: ResponseUri,
    pub(super) secret: Zeroizing<String>,
    pub(super) to: Vec<(ChallengeType, EndpointId)>,
}

impl LinkMessage {
    /// Creates the message of a challenge with a new secret, or `None` if nobody could receive or answer the message.
    pub(super) fn new(engine: &Engine, challenge: &Challenge, factors: &Factors) -> Result<Option<Self>, Error> {
        let endpoints = factors.endpoints_for(challenge).filter(|endpoint| endpoint.channel().sends_link());
        let to: Vec<_> = endpoints.map(|endpoint| (endpoint.channel(), endpoint.id())).collect();
        // Nobody could answer: the policy asks for a number, and none was shown at creation.
        let unanswerable = engine.policy.number_match && challenge.number().is_none();
        if to.is_empty() || unanswerable {
            return Ok(None);
        }
        let page = challenge.response_uri().or(engine.answer_page.as_ref()).ok_or(Invalid::NoAnswerPage)?;
        let secret = Zeroizing::new(entropy::secret(engine.entropy())?);
        Ok(Some(Self { page: page.clone(), secret, to }))
    }

    /// Returns the MAC of the secret, bound to the challenge.
    pub(super) fn mac(&self, engine: &Engine, challenge: &Challenge) -> Mac {
        engine.keys.mac(challenge.place().field("link"), &self.secret)
    }
}
