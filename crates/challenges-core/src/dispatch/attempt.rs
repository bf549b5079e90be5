use std::borrow::Cow;
use std::time::Duration;

use super::assessment::Assessment;
use super::lease::Lease;
use crate::error::Error;
use crate::observer::Observation;
use crate::outbox::{Body, Courier, Errand, Failure, Job, Message, Retry};
use crate::outbox::{DueEntry, Outbox, OutboxEntry, open_entry};
use crate::policy::SendLimit;
use crate::store::{Commit, Stored};
use crate::throttle::{Channel, Sending};
use crate::time::Timestamp;

/// The result of an attempt at a due entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AttemptResult {
    Performed,
    Retried,
    Dead,
    Dropped,
    Unreadable,
    /// Another dispatcher has the entry.
    Lost,
}

/// The reason for holding a message back.
#[derive(Debug, thiserror::Error)]
#[error("the policy allows no more messages now: of this user, to this address or in total")]
struct BudgetExhausted;

impl Outbox<'_> {
    /// Leases an entry, performs the task and stores the result, as [`dispatch`](Self::dispatch) does. Does nothing
    /// when another dispatcher was faster. The [`Observer`](crate::Observer) receives the result.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails. The entry becomes due again when the lease ends.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "outbox.attempt", level = "debug", skip_all))]
    pub async fn attempt(self, entry: &DueEntry, courier: &dyn Courier) -> Result<(), Error> {
        self.attempt_stored(entry.stored(), courier).await.map(drop)
    }

    /// Attempts an entry as [`attempt`](Self::attempt) does, if `admit` returns a permit for the errand. The permit is
    /// dropped after the attempt.
    ///
    /// Meant for dispatchers that limit the attempts in flight per receiver, because only the errand names the
    /// receiver. An entry without a permit is neither leased nor counted as attempted, and stays due.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails. The entry becomes due again when the lease ends.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "outbox.attempt", level = "debug", skip_all))]
    pub async fn attempt_admitted<P: Send>(
        self,
        entry: &DueEntry,
        courier: &dyn Courier,
        admit: impl FnOnce(&Errand) -> Option<P> + Send,
    ) -> Result<(), Error> {
        self.attempt_stored_admitted(entry.stored(), courier, admit).await.map(drop)
    }

    pub(super) async fn attempt_stored(self, stored: &Stored, courier: &dyn Courier) -> Result<AttemptResult, Error> {
        let attempted = self.attempt_stored_admitted(stored, courier, |_| Some(())).await?;
        Ok(attempted.unwrap_or(AttemptResult::Lost))
    }

    async fn attempt_stored_admitted<P: Send>(
        self,
        stored: &Stored,
        courier: &dyn Courier,
        admit: impl FnOnce(&Errand) -> Option<P> + Send,
    ) -> Result<Option<AttemptResult>, Error> {
        let (lease, entry, assessment) = match self.read_and_assess(stored).await {
            Ok(assessed) => assessed,
            Err(error) => return self.postpone_unreadable(stored, error).await.map(Some),
        };
        let ended = match assessment {
            Assessment::Perform { errand, timeout } => {
                let Some(_permit) = admit(&errand) else { return Ok(None) };
                return self.perform(&lease, entry, *errand, timeout, courier).await.map(Some);
            }
            Assessment::Drop(reason) => self.drop_entry(&lease, reason).await,
            Assessment::GiveUp => self.give_up(&lease, None).await,
        };
        match ended {
            Ok(result) => Ok(Some(result)),
            // The entry was not leased, so its version still holds.
            Err(error) => self.postpone_unreadable(stored, error).await.map(Some),
        }
    }

    async fn read_and_assess(self, stored: &Stored) -> Result<(Lease, OutboxEntry, Assessment), Error> {
        let lease = Lease::read(stored)?;
        let entry = open_entry(self.engine, lease.body().clone(), stored.record.due)?;
        let assessment = self.assess(&entry).await?;
        Ok((lease, entry, assessment))
    }

    async fn perform(
        self,
        found: &Lease,
        entry: OutboxEntry,
        errand: Errand,
        timeout: Duration,
        courier: &dyn Courier,
    ) -> Result<AttemptResult, Error> {
        let engine = self.engine;
        let Some((mut lease, leased_until)) = self.take_lease(found).await? else { return Ok(AttemptResult::Lost) };
        let OutboxEntry { id, owner, challenge, .. } = entry;
        let job = Job { id, owner, challenge, attempt: lease.attempts(), timeout, errand };
        let outcome = match self.take_from_budget(&lease, &job.errand).await? {
            Some((limit, wait)) => {
                engine.observe(&Observation::SendLimited { owner: &job.owner, limit: limit.as_str(), wait });
                Err(Failure::new(Retry::Later(Some(wait)), BudgetExhausted))
            }
            None => {
                lease.mark_counted();
                // A slow store may have used up the lease. An attempt that outlasts the lease, by the clock of another
                // dispatcher too, could be made twice.
                let latest_end = engine.now().clock.after(timeout).after(engine.policy.dispatch.skew());
                if latest_end > leased_until {
                    return Ok(AttemptResult::Lost);
                }
                courier.perform(&job).await
            }
        };
        self.complete(&lease, outcome).await
    }

    /// Leases an entry and counts the attempt. Returns the lease and its end, or `None` when another dispatcher has the
    /// entry.
    async fn take_lease(self, found: &Lease) -> Result<Option<(Lease, Timestamp)>, Error> {
        let engine = self.engine;
        let until = engine.now().clock.after(engine.policy.dispatch.lease);
        let version = engine.new_version()?;
        let lease = found.with_attempt(version);
        match engine.commit_as(version, vec![lease.put_over(found.version(), until)?]).await? {
            Commit::Applied => Ok(Some((lease, until))),
            Commit::Conflict => Ok(None),
        }
    }

    /// Takes an attempt from the budgets. Actions and the notices of the host need no budget.
    async fn take_from_budget(self, lease: &Lease, errand: &Errand) -> Result<Option<(SendLimit, Duration)>, Error> {
        let Body { owner, counted, .. } = lease.body();
        let notice = if lease.body().is_alarm() { Channel::Alarm } else { Channel::Notice };
        let (channel, destination) = match errand {
            Errand::Sms { to, message: Message::Link { .. } } => (Channel::Sms, Cow::from(to.as_str())),
            Errand::Email { to, message: Message::Link { .. } } => (Channel::Email, to.mailbox().into()),
            Errand::Sms { to, message: Message::Confirmation { .. } } => (Channel::SmsCode, to.as_str().into()),
            Errand::Email { to, message: Message::Confirmation { .. } } => (Channel::EmailCode, to.mailbox().into()),
            Errand::Sms { to, message: Message::Notice { .. } } => (notice, to.as_str().into()),
            Errand::Email { to, message: Message::Notice { .. } } => (notice, to.mailbox().into()),
            Errand::Push { to, message: Message::Notice { .. } } => (notice, to.endpoint().into()),
            Errand::Push { to, .. } => (Channel::Push, to.endpoint().into()),
            Errand::Notice { .. } | Errand::Act { .. } => return Ok(None),
        };
        self.budget.take(self.engine, Sending { owner, channel, destination: &destination, is_counted: *counted }).await
    }
}
