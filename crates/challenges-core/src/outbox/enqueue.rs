use super::record::{Body, StoredTask, place};
use crate::codec::{self, Form};
use crate::engine::{Engine, Now};
use crate::error::Error;
use crate::id::{ChallengeId, OutboxId};
use crate::keyring::Place;
use crate::owner::Owner;
use crate::store::{Key, Kind, Record, Write};
use crate::time::Timestamp;

/// The lifetime of an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetime {
    /// When attempts end.
    pub(crate) until: Timestamp,
    /// When the record may be deleted as garbage; `None` keeps the record until the host decides.
    pub(crate) garbage_at: Option<Timestamp>,
}

/// Returns the write that creates an entry, due at once. `task` seals the secret of the task for the place given.
pub(crate) fn enqueue(
    engine: &Engine,
    owner: &Owner,
    challenge: Option<ChallengeId>,
    lifetime: Lifetime,
    now: Now,
    task: impl FnOnce(Place<'_>) -> Result<StoredTask, Error>,
) -> Result<Write, Error> {
    let id = OutboxId(engine.new_id(owner, now)?);
    let task = task(place(id, owner))?;
    let Lifetime { until, garbage_at } = lifetime;
    let body =
        Body { v: Form, id, owner: owner.clone(), challenge, attempts: 0, counted: false, until, task, dead: None };
    let record = Record {
        key: Key::new(Kind::Outbox, id.0),
        due: Some(now.clock),
        expires: garbage_at,
        body: codec::encode(&body)?,
    };
    Ok(Write::create(record))
}
