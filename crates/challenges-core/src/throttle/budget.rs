use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::channel::Channel;
use super::sends::Sends;
use super::stored_budget::{change, take_from_store};
use super::total::Total;
use crate::codec::Form;
use crate::engine::{Change, Engine};
use crate::error::Error;
use crate::owner::Owner;
use crate::policy::SendLimit;
use crate::store::{Key, Kind, Load, Write};

/// The budgets of messages: per user, per destination and in total. Each channel has a separate total, so messages of
/// one channel never use up the total of another.
#[derive(Debug, Default)]
pub(crate) struct MessageBudget {
    sms: Total,
    push: Total,
    email: Total,
    sms_codes: Total,
    email_codes: Total,
    notices: Total,
    alarms: Total,
}

/// An attempt at a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sending<'a> {
    pub(crate) owner: &'a Owner,
    pub(crate) channel: Channel,
    pub(crate) destination: &'a str,
    /// `true` if an earlier attempt took the message from the budgets.
    pub(crate) is_counted: bool,
}

/// The stored form of the budget of a user.
#[derive(Serialize, Deserialize)]
struct OwnerBody {
    v: Form,
    messages: Sends,
    attempts: Sends,
    /// The messages with a confirmation code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confirmations: Option<Sends>,
}

impl MessageBudget {
    /// Takes an attempt from the budget of the user, and a message not counted yet from the budgets of the user and of
    /// the destination and from the total. Returns the exhausted limit and the time to wait when a budget is exhausted.
    pub(crate) async fn take(
        &self,
        engine: &Engine,
        sending: Sending<'_>,
    ) -> Result<Option<(SendLimit, Duration)>, Error> {
        // The user comes first: a user over the limit takes nothing from anybody else.
        if let Err(wait) = take_from_owner(engine, sending).await? {
            return Ok(Some((SendLimit::User, wait)));
        }
        if sending.is_counted {
            return Ok(None);
        }
        let total = self.total(sending.channel);
        let until = match total.take(engine, sending.channel).await? {
            Ok(until) => until,
            Err(wait) => return Ok(Some((SendLimit::Total, wait))),
        };
        let Err(wait) = take_from_destination(engine, sending).await? else { return Ok(None) };
        total.give_back(until);
        Ok(Some((SendLimit::Destination, wait)))
    }

    const fn total(&self, channel: Channel) -> &Total {
        match channel {
            Channel::Sms => &self.sms,
            Channel::Push => &self.push,
            Channel::Email => &self.email,
            Channel::SmsCode => &self.sms_codes,
            Channel::EmailCode => &self.email_codes,
            Channel::Notice => &self.notices,
            Channel::Alarm => &self.alarms,
        }
    }
}

/// Deletes the budgets of a user. Returns the number of records deleted.
pub(crate) async fn erase_budgets(engine: &Engine, owner: &Owner) -> Result<usize, Error> {
    let ids = [
        engine.owner_tags.messages_id(owner),
        engine.owner_tags.notices_of_id(owner),
        engine.owner_tags.alarms_of_id(owner),
    ];
    let mut records = 0_usize;
    for key in ids.map(|id| Key::new(Kind::Reservation, id)) {
        let load = Load::key(key);
        let erased = engine.transact(Some(&load), |loaded, _| {
            let Some(stored) = loaded.find(key) else { return Ok(Change::none(0)) };
            Ok(Change::new(vec![Write::delete(key, stored.version)], 1))
        });
        records = records.saturating_add(erased.await?);
    }
    Ok(records)
}

async fn take_from_owner(engine: &Engine, sending: Sending<'_>) -> Result<Result<(), Duration>, Error> {
    let policy = &engine.policy.sends;
    // Notices are counted when queued. Their attempts are counted apart, so that no other message holds a notice back.
    let (id, is_counted) = match sending.channel {
        Channel::Notice => (engine.owner_tags.notices_of_id(sending.owner), true),
        Channel::Alarm => (engine.owner_tags.alarms_of_id(sending.owner), true),
        Channel::Sms | Channel::Push | Channel::Email | Channel::SmsCode | Channel::EmailCode => {
            (engine.owner_tags.messages_id(sending.owner), sending.is_counted)
        }
    };
    change(engine, Key::new(Kind::Reservation, id), |stored: Option<OwnerBody>, now| {
        let (messages, attempts, confirmations) = match stored {
            Some(body) => (body.messages, body.attempts, body.confirmations),
            None => (Sends::none(now), Sends::none(now), None),
        };
        let (messages, attempts) = (messages.current(policy.window, now), attempts.current(policy.window, now));
        let confirmations = confirmations.unwrap_or(Sends::none(now)).current(policy.window, now);
        let is_confirmation = sending.channel.is_confirmation();
        let until_room = |sends: Sends, max| match sends.room(max) {
            0 => sends.remaining(policy.window, now),
            _ => Duration::ZERO,
        };
        let mut wait = until_room(attempts, policy.attempts_per_user);
        if !is_counted {
            wait = wait.max(until_room(messages, policy.messages_per_user));
            if is_confirmation {
                wait = wait.max(until_room(confirmations, policy.confirmations_per_user));
            }
        }
        if !wait.is_zero() {
            return Err(wait);
        }
        let messages = messages.with(u32::from(!is_counted), now);
        let attempts = attempts.with(1, now);
        let confirmations = confirmations.with(u32::from(is_confirmation && !is_counted), now);
        let confirmations = (confirmations.count() > 0).then_some(confirmations);
        let ends =
            [Some(messages), Some(attempts), confirmations].into_iter().flatten().map(|it| it.end(policy.window));
        let until = ends.max().unwrap_or(now);
        Ok((OwnerBody { v: Form, messages, attempts, confirmations }, until, ()))
    })
    .await
}

async fn take_from_destination(engine: &Engine, sending: Sending<'_>) -> Result<Result<(), Duration>, Error> {
    let policy = &engine.policy.sends;
    let (id, max) = match sending.channel {
        Channel::Sms | Channel::Push | Channel::Email => {
            (engine.owner_tags.destination_id(sending.destination), policy.per_destination)
        }
        Channel::Notice => (engine.owner_tags.notices_id(sending.destination), policy.per_destination),
        Channel::Alarm => (engine.owner_tags.alarms_id(sending.destination), policy.per_destination),
        Channel::SmsCode | Channel::EmailCode => {
            (engine.owner_tags.confirmations_id(sending.destination), policy.confirmations_per_destination)
        }
    };
    let taken = take_from_store(engine, Key::new(Kind::Reservation, id), max, 1).await?;
    Ok(taken.map(|_| ()))
}
