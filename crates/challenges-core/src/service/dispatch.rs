use std::time::Duration;

use super::Challenges;
use super::plan::Plan;
use super::settle::{Fate, Held};
use crate::concurrent::Unordered;
use crate::courier::{Courier, Failure, Job, Retry};
use crate::entropy;
use crate::error::Error;
use crate::id::{OutboxId, SHARDS};
use crate::observer::Observation;
use crate::outbox::{self, Dispatched, DueEntry, OutboxEntry};
use crate::store::{Commit, Expect, Kind, Record, StoreError, Stored, Write};
use crate::time::Timestamp;

/// The pause before an entry that cannot be read is looked at again, and as much again at most. Somebody has to add a key
/// or start a newer version before that is of use.
const UNREADABLE: Duration = Duration::from_secs(60);

/// So many shards with a corrupt record are gone round; a store with more of them is broken as a whole.
const DAMAGED_SHARDS: usize = 4;

/// Why a message was not even tried.
#[derive(Debug, thiserror::Error)]
#[error("as many messages were sent, to this address or in total, as the policy allows")]
struct Overspent;

impl Challenges {
    /// Performs what is due in the outbox, at most `limit` entries (at least one), all at once, and answers what became
    /// of them and when there is something to do next. It returns when the last of them has ended: a courier that hangs
    /// holds its call up, so have it heed [`Job::within`], and go on with another call meanwhile.
    ///
    /// An entry is leased by compare-and-set before it is performed, so any number of calls, of this process and of
    /// others on the same store, may run at once. Each entry is performed at least once: what was not settled within its
    /// lease, be it that the process died, is performed again under the same id. What follows from an entry is stored
    /// once. Failures are tried again as [`DispatchPolicy`](crate::DispatchPolicy) says; what fails for good is a dead
    /// letter.
    ///
    /// # Cancellation
    ///
    /// A dropped call leaves its entries leased; they are due again when their leases end.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails. Every entry was tried nonetheless; those that could not be settled are due
    /// again when their leases end.
    ///
    /// # Examples
    ///
    /// The loop that keeps an outbox empty, woken at once by what this process commits, and within a second by others:
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use challenges_core::{Challenges, Courier};
    ///
    /// async fn work(challenges: Challenges, courier: impl Courier) {
    ///     loop {
    ///         let woken = challenges.outbox_woken();
    ///         let next = match challenges.dispatch(&courier, 64).await {
    ///             Ok(done) => done.next.map(|next| challenges.now().until(next)),
    ///             Err(_) => None,
    ///         };
    ///         let pause = next.unwrap_or(Duration::MAX).min(Duration::from_secs(1));
    ///         let _ = tokio::time::timeout(pause, woken).await;
    ///     }
    /// }
    /// ```
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn dispatch(&self, courier: &dyn Courier, limit: usize) -> Result<Dispatched, Error> {
        let limit = limit.max(1);
        let due = self.due_entries(limit).await?;
        let full = due.len() >= limit;
        let mut done = Dispatched::default();
        let mut failed = None;
        let mut under_way = Unordered::new(due.iter().map(|entry| self.try_entry(&entry.0, courier)));
        while let Some((_, ended)) = under_way.next().await {
            match ended {
                Ok(fate) => count(&mut done, fate),
                Err(error) => failed = Some(error),
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        done.next = if full { Some(self.time().clock) } else { self.next_due().await? };
        Ok(done)
    }

    /// What is due in the outbox, at most `limit` entries: for a dispatcher that attempts each in a task of its own, so that a
    /// slow one keeps no other waiting. They come from a shard drawn by lot on, so that two dispatchers do not fight for the
    /// same ones. Looking takes nothing: [`Challenges::attempt`] does.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails. Where it finds a record corrupt, only what is in the same one of the 1,024
    /// shards is held up by it, and this is the error once nothing else is due.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn due_entries(&self, limit: usize) -> Result<Vec<DueEntry>, Error> {
        let now = self.time().clock;
        let first = u16::from_le_bytes(entropy::bytes(self.entropy())?) % SHARDS;
        let mut due = Vec::new();
        let (mut ranges, mut damaged) = (vec![0..first, first..SHARDS], Vec::new());
        ranges.retain(|shards| !shards.is_empty());
        while due.len() < limit
            && let Some(shards) = ranges.pop()
        {
            match self.inner.store.due(Kind::Outbox, shards.clone(), now, limit - due.len()).await {
                Ok(found) => due.extend(found),
                // A record that is none holds up its own shard, and not all the others.
                Err(StoreError::Corrupt(_)) if shards.len() > 1 && damaged.len() < DAMAGED_SHARDS => {
                    let middle = shards.start.midpoint(shards.end);
                    ranges.extend([middle..shards.end, shards.start..middle]);
                }
                Err(error @ StoreError::Corrupt(_)) if damaged.len() < DAMAGED_SHARDS => damaged.push(error),
                Err(error) => return Err(error.into()),
            }
        }
        match damaged.pop() {
            Some(error) if due.is_empty() => Err(error.into()),
            _ => Ok(due.into_iter().map(DueEntry).collect()),
        }
    }

    /// Leases an entry, performs it and stores what came of it, as [`Challenges::dispatch`] does. Where somebody else was
    /// faster there is nothing to do. What became of it the [`Observer`](crate::Observer) is told.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails; the entry is due again when its lease ends.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn attempt(&self, entry: &DueEntry, courier: &dyn Courier) -> Result<(), Error> {
        self.try_entry(&entry.0, courier).await.map(drop)
    }

    /// When something in the outbox is due next, or was; `None` when nothing waits.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn next_due(&self) -> Result<Option<Timestamp>, Error> {
        let first = self.inner.store.due(Kind::Outbox, 0..SHARDS, Timestamp::MAX, 1).await?;
        Ok(first.first().and_then(|stored| stored.record.due))
    }

    /// Waits until this process has put something new into the outbox, counted from this call. First call this, then
    /// [`Challenges::dispatch`], then await it: what is due by then, and what other processes put there, it does not tell.
    pub fn outbox_woken(&self) -> impl Future<Output = ()> + Send + use<> {
        self.inner.wake.listen()
    }

    async fn try_entry(&self, stored: &Stored, courier: &dyn Courier) -> Result<Fate, Error> {
        let (held, entry, plan) = match self.look_at_entry(stored).await {
            Ok(looked) => looked,
            Err(error @ (Error::Seal(_) | Error::Body(_))) => return self.set_aside(stored, &error).await,
            Err(error) => return Err(error),
        };
        match plan {
            Plan::Drop(reason) => self.ended(stored, self.drop_entry(&held, reason).await).await,
            Plan::GiveUp => self.ended(stored, self.give_up(&held, None).await).await,
            Plan::Perform(errand, within) => {
                let Some((held, leased_until)) = self.lease(held).await? else { return Ok(Fate::Lost) };
                let OutboxEntry { id, owner, challenge, .. } = entry;
                let skew = self.inner.policy.dispatch.skew();
                let job = Job { id, owner, challenge, attempt: held.attempts(), within, errand: *errand };
                let ended = match self.take_message(&job.errand).await? {
                    Some((limit, wait)) => {
                        self.observe(&Observation::SendLimited { owner: &job.owner, limit, wait });
                        Err(Failure::new(Retry::Later(Some(wait)), Overspent))
                    }
                    // Counting it took long: when the lease is over, by whichever clock, it is another dispatcher's.
                    None if self.time().clock.after(job.within).after(skew) > leased_until => return Ok(Fate::Lost),
                    None => courier.perform(&job).await,
                };
                self.settle(&held, ended).await
            }
        }
    }

    async fn look_at_entry(&self, stored: &Stored) -> Result<(Held, OutboxEntry, Plan), Error> {
        let held = Held::as_found(stored)?;
        let entry = self.open_entry(held.body().clone(), stored.record.due)?;
        let plan = self.plan(&entry).await?;
        Ok((held, entry, plan))
    }

    /// Takes an entry for as long as a lease lasts, and answers until when; `None`, when somebody else took it.
    async fn lease(&self, held: Held) -> Result<Option<(Held, Timestamp)>, Error> {
        let due = self.time().clock.after(self.inner.policy.dispatch.lease);
        let version = self.version()?;
        let leased = held.attempted(version);
        match self.commit_as(version, vec![leased.put(Expect::At(held.version()), due)?]).await? {
            Commit::Applied => Ok(Some((leased, due))),
            Commit::Conflict => Ok(None),
        }
    }

    /// What came of an entry that nobody leased; where its consequence cannot be read, it is put off as well.
    async fn ended(&self, stored: &Stored, fate: Result<Fate, Error>) -> Result<Fate, Error> {
        match fate {
            Err(error @ (Error::Seal(_) | Error::Body(_))) => self.set_aside(stored, &error).await,
            fate => fate,
        }
    }

    /// Puts off an entry that cannot be read, as it is.
    async fn set_aside(&self, stored: &Stored, error: &Error) -> Result<Fate, Error> {
        let share = self.draw()? >> 32;
        let jitter = Duration::from_millis((60_000 * share) >> 32);
        let due = Some(self.time().clock.after(UNREADABLE + jitter));
        let record = Record { due, ..stored.record.clone() };
        let put = Write::put(Expect::At(stored.version), record);
        if self.commit_as(self.version()?, vec![put]).await? == Commit::Conflict {
            return Ok(Fate::Lost);
        }
        self.observe(&Observation::OutboxUnreadable(OutboxId(stored.record.key.id), error));
        Ok(Fate::Unreadable)
    }

    /// 64 random bits.
    pub(super) fn draw(&self) -> Result<u64, Error> {
        Ok(u64::from_le_bytes(entropy::bytes(self.entropy())?))
    }

    /// When an entry that failed is to be attempted next; `None`, when that would be once too often or too late.
    pub(super) fn next_attempt(&self, held: &Held, asked: Option<Duration>) -> Result<Option<Timestamp>, Error> {
        let policy = &self.inner.policy.dispatch;
        if held.attempts() >= policy.attempts {
            return Ok(None);
        }
        let pause = outbox::pause(policy, held.attempts(), asked, self.draw()?);
        let now = self.time();
        let in_time = now.latest.after(pause) < held.until();
        Ok(in_time.then(|| now.clock.after(pause)))
    }
}

fn count(done: &mut Dispatched, fate: Fate) {
    let counter = match fate {
        Fate::Performed => &mut done.performed,
        Fate::Retried => &mut done.retried,
        Fate::Dead => &mut done.dead,
        Fate::Dropped => &mut done.dropped,
        Fate::Unreadable => &mut done.unreadable,
        Fate::Lost => &mut done.lost,
    };
    *counter += 1;
}
