use zeroize::Zeroizing;

use super::request::Link;
use super::{Challenge, LoadedFactors};
use crate::challenge_type::ChallengeType;
use crate::engine::Engine;
use crate::entropy;
use crate::error::{Error, Invalid};
use crate::id::EndpointId;
use crate::throttle::Counters;
use crate::uri::ResponseUri;

/// A link to send: the page, the secrets, and the endpoints.
///
/// E-mails carry other secrets than text and push messages. Otherwise a person who reads the user's e-mail could answer
/// as the phone.
pub(super) struct LinkMessage {
    pub(super) page: ResponseUri,
    /// The secrets of text and push messages.
    device: Option<LinkSecrets>,
    /// The secrets of e-mails.
    email: Option<LinkSecrets>,
    pub(super) to: Vec<(ChallengeType, EndpointId)>,
    recalls: u32,
}

/// The secrets of a link.
pub(super) struct LinkSecrets {
    pub(super) secret: Zeroizing<String>,
    /// The short code, for messages that a person reads.
    pub(super) code: Option<Zeroizing<String>>,
}

impl LinkMessage {
    /// Creates the message of a challenge with new secrets, or `None` if nobody could receive or answer the message.
    pub(super) fn new(
        engine: &Engine,
        challenge: &Challenge,
        factors: &LoadedFactors,
        counters: &Counters,
    ) -> Result<Option<Self>, Error> {
        let endpoints = factors.endpoints_for(challenge).filter(|endpoint| endpoint.channel().sends_link());
        let to: Vec<_> = endpoints.map(|endpoint| (endpoint.channel(), endpoint.id())).collect();
        // Nobody could answer: the policy asks for a number, and none was shown at creation.
        let unanswerable = engine.policy.number_match && challenge.number().is_none();
        if to.is_empty() || unanswerable {
            return Ok(None);
        }
        let page = challenge.response_uri().or(engine.answer_page.as_ref()).ok_or(Invalid::NoAnswerPage)?;
        let goes_by = |wanted: ChallengeType| to.iter().any(|(channel, _)| *channel == wanted);
        let (by_text, by_email) = (goes_by(ChallengeType::Sms), goes_by(ChallengeType::Email));
        let to_device = by_text || goes_by(ChallengeType::WebPush);
        let device = to_device.then(|| LinkSecrets::draw(engine, by_text)).transpose()?;
        let email = by_email.then(|| LinkSecrets::draw(engine, true)).transpose()?;
        Ok(Some(Self { page: page.clone(), device, email, to, recalls: counters.recalls() }))
    }

    /// Returns the secrets of the messages of a channel.
    pub(super) const fn secrets(&self, channel: ChallengeType) -> Option<&LinkSecrets> {
        match channel {
            ChallengeType::Sms | ChallengeType::WebPush => self.device.as_ref(),
            ChallengeType::Email => self.email.as_ref(),
            ChallengeType::Totp | ChallengeType::Webauthn | ChallengeType::Code | ChallengeType::RecoveryCode => None,
        }
    }

    /// Returns the MACs of the secrets of text and push messages, bound to the challenge.
    pub(super) fn link(&self, engine: &Engine, challenge: &Challenge) -> Option<Link> {
        self.device.as_ref().map(|secrets| secrets.macs(engine, challenge, ChallengeType::Sms, self.recalls))
    }

    /// Returns the MACs of the secrets of e-mails, bound to the challenge.
    pub(super) fn email_link(&self, engine: &Engine, challenge: &Challenge) -> Option<Link> {
        self.email.as_ref().map(|secrets| secrets.macs(engine, challenge, ChallengeType::Email, self.recalls))
    }
}

impl LinkSecrets {
    fn draw(engine: &Engine, with_code: bool) -> Result<Self, Error> {
        let secret = Zeroizing::new(entropy::secret(engine.entropy())?);
        let digits = engine.policy.message_code_digits.filter(|_| with_code).map(usize::from);
        let code = digits.map(|digits| entropy::characters(engine.entropy(), b"0123456789", digits)).transpose()?;
        Ok(Self { secret, code: code.map(Zeroizing::new) })
    }

    fn macs(&self, engine: &Engine, challenge: &Challenge, kind: ChallengeType, recalls: u32) -> Link {
        let mac = |field, secret: &str| engine.keys.mac(challenge.place().field(field), secret);
        Link {
            mac: mac(Link::field(kind), &self.secret),
            code: self.code.as_ref().map(|code| mac(Link::code_field(kind), code)),
            delivered: false,
            recalls,
        }
    }
}
