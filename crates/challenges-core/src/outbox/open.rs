use super::entry::{OutboxEntry, Task};
use super::record::{Body, StoredTask, place};
use crate::codec;
use crate::engine::Engine;
use crate::error::Error;
use crate::id::ChallengeId;
use crate::keyring::SealError;
use crate::owner::Owner;
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::uri::ResponseUri;

/// Opens the secrets of an entry.
pub(crate) fn open_entry(engine: &Engine, body: Body, due: Option<Timestamp>) -> Result<OutboxEntry, Error> {
    let Body { v: _, id, owner, challenge, attempts, counted: _, until, task, dead: _ } = body;
    let place = place(id, &owner);
    let task = match task {
        StoredTask::Deliver { channel, endpoint, page, secret } => {
            let challenge = challenge.ok_or(SealError::Forged)?;
            let secret = engine.open_text(place, &secret)?;
            let link = link(&page, &owner, challenge, &secret);
            Task::Deliver { channel, endpoint, secret, link }
        }
        StoredTask::Confirm { endpoint, code } => Task::Confirm { endpoint, code: engine.open_text(place, &code)? },
        StoredTask::Act { actor, index, action, result_until: _ } => {
            let plain = engine.keys.open(place, &action)?;
            Task::Act { actor, index, action: codec::decode(&plain)? }
        }
    };
    Ok(OutboxEntry { id, owner, challenge, attempts, due: due.unwrap_or(until), until, died: None, status: None, task })
}

/// Returns the link to send: the answer page, with the parameters for an answer.
fn link(page: &ResponseUri, owner: &Owner, challenge: ChallengeId, secret: &Secret) -> Secret {
    let id = challenge.to_string();
    let parameters =
        [("challenge_answer", secret.expose()), ("challenge_uid", owner.user_id()), ("challenge_id", id.as_str())];
    page.with_parameters(&parameters).as_str().into()
}
