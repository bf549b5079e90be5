use zeroize::Zeroizing;

use super::message::LinkMessage;
use super::{Challenge, Effect, Transition};
use crate::approvals::HttpAction;
use crate::challenge_type::ChallengeType;
use crate::codec;
use crate::engine::{Engine, Entity as _, Now};
use crate::error::Error;
use crate::id::OutboxId;
use crate::outbox::{self, Lifetime, StoredTask};
use crate::owner::Owner;
use crate::store::Write;

/// Returns the writes of a transition's effects, and names the outbox entries of HTTP actions in the next challenge.
/// The HTTP actions are read from the challenge `before` the transition, because the transition drops every secret.
pub(super) fn writes(
    engine: &Engine,
    before: &Challenge,
    transition: &mut Transition,
    message: Option<&LinkMessage>,
    now: Now,
) -> Result<Vec<Write>, Error> {
    let mut writes = Vec::with_capacity(transition.effects.len());
    let mut entries = Vec::new();
    for effect in &transition.effects {
        match effect {
            Effect::Deliver { channel, endpoint } => {
                let Some((message, secrets)) = message.and_then(|sent| Some((sent, sent.secrets(*channel)?))) else {
                    continue;
                };
                let challenge = &transition.next;
                // A link is worthless once its challenge has expired.
                let garbage_at = challenge.garbage_at(&engine.policy);
                let lifetime = Lifetime { until: challenge.expires(), garbage_at };
                let (channel, endpoint) = (*channel, *endpoint);
                let id = Some(challenge.id());
                writes.push(outbox::enqueue(engine, challenge.owner(), id, lifetime, now, |place| {
                    let secret = engine.seal(place, secrets.secret.as_bytes())?;
                    // A push message shows no code.
                    let code = secrets.code.as_ref().filter(|_| channel != ChallengeType::WebPush);
                    let code = code.map(|code| engine.seal(place.field("code"), code.as_bytes())).transpose()?;
                    Ok(StoredTask::Deliver { channel, endpoint, page: message.page.clone(), secret, code })
                })?);
            }
            Effect::Act { actor, approved } => {
                let actions = enqueue_actions(engine, before, actor, *approved, now)?;
                entries.extend(actions.iter().map(|write| OutboxId(write.key().id)));
                writes.extend(actions);
            }
        }
    }
    if !entries.is_empty() {
        transition.next.set_action_entries(entries);
    }
    Ok(writes)
}

/// Returns the outbox entries of a decided action, one for each HTTP action of the outcome.
fn enqueue_actions(
    engine: &Engine,
    decided: &Challenge,
    actor: &Owner,
    approved: bool,
    now: Now,
) -> Result<Vec<Write>, Error> {
    let Some(approval) = decided.open_approval() else { return Ok(Vec::new()) };
    let (field, sealed) = if approved { ("approved", &approval.approved) } else { ("declined", &approval.declined) };
    let plain = engine.keys.open(decided.place().field(field), sealed)?;
    // A decided action must run, however late, so the entry never becomes garbage.
    let lifetime = Lifetime { until: now.clock.after(engine.policy.dispatch.action_age), garbage_at: None };
    let result_until = decided.garbage_at(&engine.policy).unwrap_or_default();
    let mut writes = Vec::new();
    for (index, action) in codec::decode::<Vec<HttpAction>>(&plain)?.into_iter().enumerate() {
        let plain = Zeroizing::new(serde_json::to_vec(&action).map_err(Error::Body)?);
        writes.push(outbox::enqueue(engine, decided.owner(), Some(decided.id()), lifetime, now, |place| {
            let action = engine.seal(place, &plain)?;
            Ok(StoredTask::Act { actor: actor.clone(), index, action, result_until })
        })?);
    }
    Ok(writes)
}
