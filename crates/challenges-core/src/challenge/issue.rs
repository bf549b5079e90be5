use std::time::Duration;

use super::message::LinkMessage;
use super::step::{Event, Issue};
use super::{Challenge, LoadedFactors, Transition, effects};
use crate::engine::{Engine, Now};
use crate::error::Error;
use crate::observer::Observation;
use crate::policy::SendLimit;
use crate::store::Write;
use crate::throttle::{self, Counters};
use crate::webauthn::PublicChallenge;

/// An issued challenge, with the writes to commit.
pub(super) struct Issued {
    pub(super) transition: Transition,
    pub(super) writes: Vec<Write>,
    /// The time to wait, if a send limit held the message back and the challenge can be answered without a message.
    pub(super) limited: Option<Duration>,
}

/// Issues a pending challenge. The message counts in the user's counters, which the caller writes. Without counters,
/// there is no message.
///
/// Over a send limit, a challenge with another way to answer is issued without a message. Any other challenge is
/// refused.
pub(super) fn issue(
    engine: &Engine,
    challenge: Challenge,
    factors: &LoadedFactors,
    counters: Option<&mut Counters>,
    now: Now,
) -> Result<Issued, Error> {
    let without_message = factors.answer_without_message(&challenge);
    let (mut message, mut limited) = (None, None);
    if let Some(counters) = counters
        && let Some(new) = LinkMessage::new(engine, &challenge, factors, counters)?
    {
        message = Some(new);
        match counters.count_send(&engine.policy.sends, now.clock) {
            Ok(()) => {}
            Err(wait) if without_message => (message, limited) = (None, Some(wait)),
            Err(wait) => return Err(throttle::refuse_send(engine, challenge.owner(), wait).into()),
        }
    }
    let public_challenge = match factors.webauthn_for(&challenge).is_empty() {
        true => None,
        false => Some(PublicChallenge::generate(engine.entropy())?),
    };
    let event = Event::Issue(Issue {
        answerable: message.is_some() || without_message,
        link: message.as_ref().and_then(|message| message.link(engine, &challenge)),
        email_link: message.as_ref().and_then(|message| message.email_link(engine, &challenge)),
        public_challenge,
        deliveries: message.as_ref().map(|message| message.to.clone()).unwrap_or_default(),
    });
    // A pending challenge refuses an issue only after the expiry. A new challenge has expired already if the clock was
    // set back by more than the timeout, or is near the end of time.
    let step = challenge.clone().into_step(event, &engine.policy, now.latest);
    let mut transition = step.map_err(|_| Error::Clock)?;
    let writes = effects::writes(engine, &challenge, &mut transition, message.as_ref(), now)?;
    Ok(Issued { transition, writes, limited })
}

/// Observes that a challenge was issued without a message.
pub(super) fn observe_limited(engine: &Engine, challenge: &Challenge, limited: Option<Duration>) {
    if let Some(wait) = limited {
        let owner = challenge.owner();
        engine.observe(&Observation::SendLimited { owner, limit: SendLimit::User.as_str(), wait });
    }
}
