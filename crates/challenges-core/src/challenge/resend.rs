use super::message::LinkMessage;
use super::step::{Event, Resend};
use super::{Challenge, LoadedFactors, Outcome, effects, observe_moved, secret};
use crate::engine::{self, Change, Engine, Now, Versioned};
use crate::error::{Error, Invalid};
use crate::id::ChallengeId;
use crate::outbox;
use crate::store::{Kind, Loaded};
use crate::throttle::{self, Counters};

/// Sends the link of a challenge again, with a new secret and a new short code.
pub(crate) async fn resend(engine: &Engine, id: ChallengeId) -> Result<Challenge, Error> {
    let load = engine::load::<Challenge>(id.0).with_owned(&[Kind::Endpoint, Kind::Counters, Kind::Outbox]);
    let challenge = engine.transact(Some(&load), |loaded, now| decide(engine, id, loaded, now)).await?;
    observe_moved(engine, &challenge, Outcome::Resent);
    Ok(challenge)
}

fn decide(engine: &Engine, id: ChallengeId, loaded: &Loaded, now: Now) -> Result<Change<Challenge>, Error> {
    let Versioned { value: challenge, version } = engine::find::<Challenge>(loaded, id.0)?;
    let factors = LoadedFactors::read(engine, loaded, challenge.owner(), now)?;
    let mut counters = Counters::read(engine, loaded, challenge.owner())?;
    let message = LinkMessage::new(engine, &challenge, &factors, &counters)?.ok_or(Invalid::NotResendable)?;
    let event = Event::Resend(Resend {
        link: message.link(engine, &challenge),
        email_link: message.email_link(engine, &challenge),
        deliveries: message.to.clone(),
    });
    let step = challenge.step(event, &engine.policy, now.latest);
    let mut transition = step.map_err(|_| Invalid::NotResendable)?;
    if secret::is_beyond_resend(&challenge, &engine.keys) {
        return Err(Invalid::ResendKeyRetired.into());
    }
    let counted = counters.count_send(&engine.policy.sends, now.clock);
    counted.map_err(|wait| throttle::refuse_send(engine, challenge.owner(), wait))?;
    // A message that is being sent just now is not stopped, but its secret is no longer valid.
    let mut writes = outbox::delete_messages(loaded, id);
    writes.extend(effects::writes(engine, &challenge, &mut transition, Some(&message), now)?);
    writes.push(counters.write(engine, now)?);
    writes.push(engine.put(&transition.next, Some(version))?);
    Ok(Change::new(writes, transition.next))
}
