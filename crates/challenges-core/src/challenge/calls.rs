use std::time::Duration;

use super::{Challenge, Outcome};
use crate::engine::{self, Change, Engine, Scope, Versioned};
use crate::error::Error;
use crate::id::{ChallengeId, Id};
use crate::observer::Observation;
use crate::owner::Owner;
use crate::store::{Key, Kind, Write};
use crate::throttle::Counters;
use crate::time::Timestamp;

/// Reads a challenge.
pub(crate) async fn get(engine: &Engine, id: ChallengeId) -> Result<Challenge, Error> {
    let loaded = engine.store.load(&engine::load::<Challenge>(id.0)).await?;
    Ok(engine::find::<Challenge>(&loaded, id.0)?.value)
}

/// Lists the challenges of a user.
pub(crate) async fn list(
    engine: &Engine,
    owner: &Owner,
    after: Option<ChallengeId>,
    limit: usize,
) -> Result<Vec<Challenge>, Error> {
    engine.list(Scope::Owner(owner), after.map(|id| id.0), limit).await
}

/// Lists the challenges of a user created at most `age` ago.
pub(crate) async fn list_recent(
    engine: &Engine,
    owner: &Owner,
    age: Duration,
    limit: usize,
) -> Result<Vec<Challenge>, Error> {
    let age = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
    let since = Timestamp::from_millis(engine.now().clock.as_millis().saturating_sub(age));
    let first = Id::new(since, engine.owner_tags.tag(owner), 0);
    engine.list(Scope::Owner(owner), Some(first), limit).await
}

/// Deletes a challenge.
pub(crate) async fn delete(engine: &Engine, id: ChallengeId) -> Result<(), Error> {
    let load = engine::load::<Challenge>(id.0).with_owned(&[Kind::Counters]);
    let deleted = engine
        .transact(Some(&load), |loaded, now| {
            let Versioned { value, version } = engine::find::<Challenge>(loaded, id.0)?;
            let mut writes = vec![Write::delete(Key::new(Kind::Challenge, id.0), version)];
            let mut counters = Counters::read(engine, loaded, value.owner())?;
            if value.answered_at().is_none() && counters.close_challenge(value.expires()) {
                writes.push(counters.write(engine, now)?);
            }
            Ok(Change::new(writes, value))
        })
        .await?;
    engine.observe(&Observation::ChallengeDeleted { challenge: id, owner: deleted.owner() });
    Ok(())
}

/// Observes a change of a challenge.
pub(crate) fn observe_moved(engine: &Engine, challenge: &Challenge, outcome: Outcome) {
    engine.observe(&Observation::ChallengeMoved {
        challenge: challenge.id(),
        owner: challenge.owner(),
        types: challenge.types(),
        outcome,
        age: challenge.created().until(challenge.answered_at().unwrap_or(challenge.updated())),
    });
}
