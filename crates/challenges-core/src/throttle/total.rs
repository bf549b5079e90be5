use std::time::Duration;

use futures_util::lock::Mutex;

use super::channel::Channel;
use super::chunk::Chunk;
use super::stored_budget::{Taken, take_from_store};
use crate::engine::Engine;
use crate::error::Error;
use crate::policy::SendPolicy;
use crate::store::{Key, Kind};
use crate::time::Timestamp;

/// The total of a channel over all users.
///
/// A process takes messages from the total in chunks, so that most messages need no write to the record of the total.
#[derive(Debug, Default)]
pub(super) struct Total {
    chunk: Chunk,
    /// Held during a refill, so that concurrent messages share a chunk.
    refill: Mutex<()>,
}

impl Total {
    /// Takes a message. Returns the end of the window of the message, or the time to wait.
    pub(super) async fn take(&self, engine: &Engine, channel: Channel) -> Result<Result<Timestamp, Duration>, Error> {
        let policy = &engine.policy.sends;
        if let Some(until) = self.chunk.take(policy.window, engine.now().clock) {
            return Ok(Ok(until));
        }
        let _refill = self.refill.lock().await;
        if let Some(until) = self.chunk.take(policy.window, engine.now().clock) {
            return Ok(Ok(until));
        }
        let key = Key::new(Kind::Reservation, engine.owner_tags.total_id(name(channel)));
        let max = max(policy, channel);
        match take_from_store(engine, key, max, SendPolicy::chunk(max)).await? {
            Ok(Taken { count, until }) => {
                self.chunk.add(count.saturating_sub(1), until);
                Ok(Ok(until))
            }
            Err(wait) => Ok(Err(wait)),
        }
    }

    /// Gives back a message, unless the window of the message has ended.
    pub(super) fn give_back(&self, until: Timestamp) {
        self.chunk.give_back(until);
    }
}

const fn name(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "sms",
        Channel::Push => "web_push",
        Channel::Email => "email",
        Channel::SmsCode => "sms_code",
        Channel::EmailCode => "email_code",
        Channel::Notice => "notice",
        Channel::Alarm => "alarm",
    }
}

const fn max(policy: &SendPolicy, channel: Channel) -> u32 {
    match channel {
        Channel::Sms | Channel::Push | Channel::Email | Channel::Notice | Channel::Alarm => policy.in_total,
        Channel::SmsCode | Channel::EmailCode => policy.confirmations_in_total,
    }
}
