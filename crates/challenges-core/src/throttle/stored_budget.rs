use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::sends::Sends;
use crate::codec::{self, Form};
use crate::engine::{Change, Engine};
use crate::error::Error;
use crate::store::{Key, Load, Record, Write};
use crate::time::Timestamp;

/// The stored form of a budget. The shard follows from the name of the budget and not from a user, so a budget is never
/// written in one batch with records of a user.
#[derive(Serialize, Deserialize)]
struct Body {
    v: Form,
    sends: Sends,
}

/// Messages taken from a budget.
pub(super) struct Taken {
    pub(super) count: u32,
    pub(super) until: Timestamp,
}

/// Takes up to `wanted` messages from a stored budget of `max`. Returns the time to wait when nothing is left.
pub(super) async fn take_from_store(
    engine: &Engine,
    key: Key,
    max: u32,
    wanted: u32,
) -> Result<Result<Taken, Duration>, Error> {
    let window = engine.policy.sends.window;
    change(engine, key, |stored: Option<Body>, now| {
        let sends = stored.map_or(Sends::none(now), |body| body.sends).current(window, now);
        let count = wanted.min(sends.room(max));
        if count == 0 {
            return Err(sends.remaining(window, now));
        }
        let sends = sends.with(count, now);
        let until = sends.end(window);
        Ok((Body { v: Form, sends }, until, Taken { count, until }))
    })
    .await
}

/// Changes a stored budget, unless `decide` returns the time to wait. Otherwise `decide` returns the next body, the
/// expiry of the record and a value.
pub(super) async fn change<B: Serialize + DeserializeOwned, T: Send>(
    engine: &Engine,
    key: Key,
    decide: impl Fn(Option<B>, Timestamp) -> Result<(B, Timestamp, T), Duration> + Send + Sync,
) -> Result<Result<T, Duration>, Error> {
    engine
        .transact(Some(&Load::key(key)), |loaded, now| {
            let (stored, expect) = match loaded.find(key) {
                Some(stored) => (Some(codec::decode(&stored.record.body)?), Some(stored.version)),
                None => (None, None),
            };
            let (body, until, value) = match decide(stored, now.clock) {
                Ok(decided) => decided,
                Err(wait) => return Ok(Change::none(Err(wait))),
            };
            let record = Record { key, due: None, expires: Some(until), body: codec::encode(&body)? };
            Ok(Change::new(vec![Write::put(expect, record)], Ok(value)))
        })
        .await
}
