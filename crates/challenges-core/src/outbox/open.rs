use super::entry::{OutboxEntry, Task};
use super::record::{Body, StoredTask, place};
use crate::challenge_type::ChallengeType;
use crate::codec;
use crate::engine::Engine;
use crate::error::Error;
use crate::id::{ChallengeId, EndpointId};
use crate::keyring::{SealError, Sealed};
use crate::owner::Owner;
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::uri::ResponseUri;

/// Opens the secrets of an entry.
pub(crate) fn open_entry(engine: &Engine, body: Body, due: Option<Timestamp>) -> Result<OutboxEntry, Error> {
    let Body { v: _, id, owner, challenge, attempts, counted: _, until, task, dead: _ } = body;
    let place = place(id, &owner);
    let task = match task {
        StoredTask::Deliver { channel, endpoint, page, secret, code } => {
            let challenge = challenge.ok_or(SealError::Forged)?;
            let secret = engine.open_text(place, &secret)?;
            let code = code.map(|code| engine.open_text(place.field("code"), &code)).transpose()?;
            let link = link(&page, &owner, challenge, channel, &secret);
            Task::Deliver { channel, endpoint, secret, code, link }
        }
        StoredTask::Confirm { endpoint, code } => Task::Confirm { endpoint, code: engine.open_text(place, &code)? },
        StoredTask::Notice { notice, alarm: _, to } => {
            let open = |(endpoint, sealed): (EndpointId, Sealed)| {
                let plain = engine.keys.open(place, &sealed)?;
                Ok::<_, Error>((endpoint, serde_json::from_slice(&plain).map_err(|_| SealError::Forged)?))
            };
            Task::Notice { notice, to: to.map(open).transpose()? }
        }
        StoredTask::Act { actor, index, action, result_until: _ } => {
            let plain = engine.keys.open(place, &action)?;
            Task::Act { actor, index, action: codec::decode(&plain)? }
        }
    };
    Ok(OutboxEntry { id, owner, challenge, attempts, due: due.unwrap_or(until), until, died: None, status: None, task })
}

/// Returns the link to send: the answer page, with the parameters for an answer.
///
/// Scanners open the links of e-mails, so these have the secret in the fragment, which no request contains. The type
/// tells the page that the secret is there.
fn link(page: &ResponseUri, owner: &Owner, challenge: ChallengeId, channel: ChallengeType, secret: &Secret) -> Secret {
    let id = challenge.to_string();
    let answer = ("challenge_answer", secret.expose());
    let (user, id) = (("challenge_uid", owner.user_id()), ("challenge_id", id.as_str()));
    let link = if channel == ChallengeType::Email {
        page.with_parameters(&[user, id, ("challenge_type", channel.as_str())], &[answer])
    } else {
        page.with_parameters(&[answer, user, id], &[])
    };
    link.as_str().into()
}
