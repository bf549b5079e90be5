use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::transaction::Decision;
use super::{Challenges, Now};
use crate::codec::{self, Form};
use crate::concurrent::Turn;
use crate::courier::Errand;
use crate::error::{Error, Invalid};
use crate::observer::Observation;
use crate::owner::Owner;
use crate::sends::{SendLimit, Sends};
use crate::store::{Expect, Key, Kind, Load, Record, Write};
use crate::subject::Subject;
use crate::time::{SKEW, Timestamp};

/// What was sent to a destination, or in all. It is in a shard of its own, apart from the users'.
#[derive(Serialize, Deserialize)]
struct Budget {
    v: Form,
    sends: Sends,
}

/// The part of the total that this process has taken and not yet used.
#[derive(Debug, Default)]
pub(super) struct Share {
    left: Mutex<Left>,
    /// Held while another chunk is taken, so that messages that are sent at once take one and not each its own.
    refill: Turn,
}

#[derive(Debug, Default)]
struct Left {
    count: u32,
    until: Timestamp,
}

impl Share {
    fn lock(&self) -> MutexGuard<'_, Left> {
        // A count is whole at any time, so a thread that panicked left a sound one.
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one; answers until when it is good.
    fn take(&self, window: Duration, now: Timestamp) -> Option<Timestamp> {
        let mut left = self.lock();
        let valid = now < left.until && left.until <= now.after(window).after(SKEW);
        if !valid || left.count == 0 {
            return None;
        }
        left.count -= 1;
        Some(left.until)
    }

    /// Gives one back, unless its window is over.
    fn give_back(&self, until: Timestamp) {
        let mut left = self.lock();
        if left.until == until {
            left.count = left.count.saturating_add(1);
        }
    }

    fn add(&self, more: u32, until: Timestamp) {
        let mut left = self.lock();
        let kept = if left.until == until { left.count } else { 0 };
        *left = Left { count: kept.saturating_add(more), until };
    }
}

impl Challenges {
    /// Counts a send to a user, unless that is one too many or too soon: then it answers how long to wait.
    pub(super) fn count_send(&self, subject: &mut Subject, now: Now) -> Result<(), Duration> {
        subject.count_send(&self.inner.policy.sends, now.clock)
    }

    /// Refuses a send to a user.
    pub(super) fn refuse_send(&self, owner: &Owner, wait: Duration) -> Invalid {
        self.observe(&Observation::SendLimited { owner, limit: SendLimit::User, wait });
        let whole = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
        Invalid::TooManyMessages { wait: whole }
    }

    /// Takes a message from what may be sent to its address and in all; which of them has nothing left, and for how
    /// long.
    pub(super) async fn take_message(&self, errand: &Errand) -> Result<Option<(SendLimit, Duration)>, Error> {
        let destination = match errand {
            Errand::Sms { to, .. } => to.as_str(),
            Errand::Push { to, .. } => to.endpoint(),
            Errand::Act { .. } => return Ok(None),
        };
        let policy = &self.inner.policy.sends;
        let until = match self.take_from_total().await? {
            Ok(until) => until,
            Err(wait) => return Ok(Some((SendLimit::Total, wait))),
        };
        let key = Key::new(Kind::Reservation, self.inner.tagger.destination_id(destination));
        let taken = self.take(key, policy.per_destination, 1).await?;
        let Err(wait) = taken else { return Ok(None) };
        self.inner.share.give_back(until);
        Ok(Some((SendLimit::Destination, wait)))
    }

    /// Takes one from the total: until when it is good; or how long to wait, where there is nothing left.
    async fn take_from_total(&self) -> Result<Result<Timestamp, Duration>, Error> {
        let policy = &self.inner.policy.sends;
        if let Some(until) = self.inner.share.take(policy.window, self.time().clock) {
            return Ok(Ok(until));
        }
        let _refill = self.inner.share.refill.take().await;
        if let Some(until) = self.inner.share.take(policy.window, self.time().clock) {
            return Ok(Ok(until));
        }
        let key = Key::new(Kind::Reservation, self.inner.tagger.total_id());
        match self.take(key, policy.in_total, policy.chunk()).await? {
            Ok((taken, until)) => {
                self.inner.share.add(taken.saturating_sub(1), until);
                Ok(Ok(until))
            }
            Err(wait) => Ok(Err(wait)),
        }
    }

    /// Takes at most so many from a budget: how many, and until when they may be used; or how long to wait, where there
    /// is nothing left.
    async fn take(&self, key: Key, most: u32, wanted: u32) -> Result<Result<(u32, Timestamp), Duration>, Error> {
        let window = self.inner.policy.sends.window;
        self.transact(Some(&Load::key(key)), |loaded, now| {
            let (sends, expect) = match loaded.find(key) {
                Some(stored) => (codec::decode::<Budget>(&stored.record.body)?.sends, Expect::At(stored.version)),
                None => (Sends::none(now.clock), Expect::Absent),
            };
            let sends = sends.current(window, now.clock);
            let taken = wanted.min(sends.left(most));
            if taken == 0 {
                return Ok(Decision::Done(Err(sends.until_over(window, now.clock))));
            }
            let sends = sends.and(taken, now.clock);
            let (until, body) = (sends.over(window), codec::encode(&Budget { v: Form, sends })?);
            let put = Write::put(expect, Record { key, due: None, expires: Some(until), body });
            Ok(Decision::Commit(vec![put], Ok((taken, until))))
        })
        .await
    }
}

#[cfg(test)]
mod tests;
