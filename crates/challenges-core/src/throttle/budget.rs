use std::time::Duration;

use futures_util::lock::Mutex;
use serde::{Deserialize, Serialize};

use super::chunk::Chunk;
use super::sends::Sends;
use crate::codec::{self, Form};
use crate::engine::{Change, Engine};
use crate::error::Error;
use crate::policy::SendLimit;
use crate::store::{Expect, Key, Kind, Load, Record, Write};
use crate::time::Timestamp;

/// The budgets of messages over all users: per destination and in total.
///
/// A process takes messages from the total in chunks, so that most messages need no write to the record of the total.
#[derive(Debug, Default)]
pub(crate) struct MessageBudget {
    chunk: Chunk,
    /// Held during a refill, so that concurrent messages share a chunk.
    refill: Mutex<()>,
}

/// The stored form of a budget. The shard follows from the name of the budget and not from a user, so a budget is never
/// written in one batch with records of a user.
#[derive(Serialize, Deserialize)]
struct Body {
    v: Form,
    sends: Sends,
}

/// Messages taken from a budget.
struct Taken {
    count: u32,
    until: Timestamp,
}

impl MessageBudget {
    /// Takes a message from the budget of the destination and from the total. Returns the exhausted limit and the time
    /// to wait when either budget is exhausted.
    pub(crate) async fn take(
        &self,
        engine: &Engine,
        destination: &str,
    ) -> Result<Option<(SendLimit, Duration)>, Error> {
        let until = match self.take_from_total(engine).await? {
            Ok(until) => until,
            Err(wait) => return Ok(Some((SendLimit::Total, wait))),
        };
        let key = Key::new(Kind::Reservation, engine.owner_tags.destination_id(destination));
        let taken = take_from_store(engine, key, engine.policy.sends.per_destination, 1).await?;
        let Err(wait) = taken else { return Ok(None) };
        self.chunk.give_back(until);
        Ok(Some((SendLimit::Destination, wait)))
    }

    /// Takes a message from the total. Returns the end of the window of the message, or the time to wait.
    async fn take_from_total(&self, engine: &Engine) -> Result<Result<Timestamp, Duration>, Error> {
        let policy = &engine.policy.sends;
        if let Some(until) = self.chunk.take(policy.window, engine.now().clock) {
            return Ok(Ok(until));
        }
        let _refill = self.refill.lock().await;
        if let Some(until) = self.chunk.take(policy.window, engine.now().clock) {
            return Ok(Ok(until));
        }
        let key = Key::new(Kind::Reservation, engine.owner_tags.total_id());
        match take_from_store(engine, key, policy.in_total, policy.chunk()).await? {
            Ok(Taken { count, until }) => {
                self.chunk.add(count.saturating_sub(1), until);
                Ok(Ok(until))
            }
            Err(wait) => Ok(Err(wait)),
        }
    }
}

/// Takes up to `wanted` messages from a stored budget of `max`. Returns the time to wait when nothing is left.
async fn take_from_store(engine: &Engine, key: Key, max: u32, wanted: u32) -> Result<Result<Taken, Duration>, Error> {
    let window = engine.policy.sends.window;
    engine
        .transact(Some(&Load::key(key)), |loaded, now| {
            let (sends, expect) = match loaded.find(key) {
                Some(stored) => (codec::decode::<Body>(&stored.record.body)?.sends, Expect::At(stored.version)),
                None => (Sends::none(now.clock), Expect::Absent),
            };
            let sends = sends.current(window, now.clock);
            let count = wanted.min(sends.room(max));
            if count == 0 {
                return Ok(Change::none(Err(sends.remaining(window, now.clock))));
            }
            let sends = sends.with(count, now.clock);
            let until = sends.end(window);
            let body = codec::encode(&Body { v: Form, sends })?;
            let put = Write::put(expect, Record { key, due: None, expires: Some(until), body });
            Ok(Change::new(vec![put], Ok(Taken { count, until })))
        })
        .await
}
