use super::unreadable::UNREADABLE_PAUSE;
use crate::entropy;
use crate::error::Error;
use crate::id::Id;
use crate::outbox::{DueEntry, Outbox};
use crate::store::{Kind, Record, StoreError, Stored, Write};
use crate::time::{SKEW, Timestamp};

/// The number of shards with a corrupt record that a search isolates. Of a store with more damage, a search reads the
/// ranges without damage, and the next one starts elsewhere.
const MAX_DAMAGED_SHARDS: usize = 4;

/// The number of entries of a clock that ran ahead to correct at once.
const MAX_CORRECTED: usize = 256;

impl Outbox<'_> {
    /// Returns up to `limit` due entries, for a dispatcher to [attempt](Self::attempt) each in a separate task, so that
    /// a slow attempt delays no other.
    ///
    /// The call leases nothing. The search starts at a random shard, so that concurrent dispatchers rarely meet.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails. A corrupt record delays only the entries in the same one of the 1,024
    /// shards, and is returned as an error only when nothing else was found. With more than four such shards, a call may
    /// miss due entries of others; later calls find them.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "outbox.due", level = "debug", skip_all))]
    pub async fn due(self, limit: usize) -> Result<Vec<DueEntry>, Error> {
        let engine = self.engine;
        let now = engine.now().clock;
        let first = u16::from_le_bytes(entropy::bytes(engine.entropy())?) % Id::SHARDS;
        let (mut ranges, mut damaged) = (vec![0..first, first..Id::SHARDS], Vec::new());
        ranges.retain(|shards| !shards.is_empty());
        let mut due = Vec::new();
        while due.len() < limit
            && let Some(shards) = ranges.pop()
        {
            match engine.store.due(Kind::Outbox, shards.clone(), now, limit - due.len()).await {
                Ok(found) => due.extend(found),
                // Halving the range isolates the shard of the corrupt record.
                Err(StoreError::Corrupt(_)) if shards.len() > 1 && damaged.len() < MAX_DAMAGED_SHARDS => {
                    let middle = shards.start.midpoint(shards.end);
                    ranges.extend([middle..shards.end, shards.start..middle]);
                }
                Err(error @ StoreError::Corrupt(_)) => damaged.push(error),
                Err(error) => return Err(error.into()),
            }
        }
        match damaged.pop() {
            Some(error) if due.is_empty() => Err(error.into()),
            _ => Ok(due.into_iter().map(DueEntry::new).collect()),
        }
    }

    /// Returns when the next entry is due, possibly in the past, or `None` when no entry waits.
    ///
    /// An entry due later than any retry was queued or retried by a clock that ran ahead, and becomes due at once.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "outbox.next_due", level = "debug", skip_all))]
    pub async fn next_due(self) -> Result<Option<Timestamp>, Error> {
        let engine = self.engine;
        let now = engine.now().clock;
        let policy = &engine.policy.dispatch;
        let longest = policy.longest_retry.max(policy.lease).max(2 * UNREADABLE_PAUSE);
        let is_from_ahead = |due: Timestamp| due > now.after(longest).after(SKEW);
        let mut first = self.first_due(1).await?;
        if first.first().and_then(due_of).is_some_and(is_from_ahead) {
            // Nothing else waits, because the entry that is due first comes first.
            for stored in self.first_due(MAX_CORRECTED).await? {
                if due_of(&stored).is_some_and(is_from_ahead) {
                    let record = Record { due: Some(now), ..stored.record };
                    // After a conflict another process has the entry.
                    let _ = engine.commit(vec![Write::update(stored.version, record)]).await?;
                }
            }
            first = self.first_due(1).await?;
        }
        Ok(first.first().and_then(due_of))
    }

    async fn first_due(self, limit: usize) -> Result<Vec<Stored>, StoreError> {
        self.engine.store.due(Kind::Outbox, 0..Id::SHARDS, Timestamp::MAX, limit).await
    }

    /// Returns a future that completes when this process next commits a new entry, counted from this call.
    ///
    /// Call `written`, then [`dispatch`](Self::dispatch), then await the future, so that no entry is missed in between.
    /// The future ignores entries of other processes and due retries; [`next_due`](Self::next_due) covers both.
    pub fn written(self) -> impl Future<Output = ()> + Send + use<> {
        self.engine.outbox_written()
    }

    /// Wakes the dispatchers of this process, as a new entry does. Call this when the host learns of entries of other
    /// processes, for example from `PostgresStore::listen` of `challenges-postgres`.
    pub fn wake(self) {
        self.engine.wake_dispatchers();
    }
}

const fn due_of(stored: &Stored) -> Option<Timestamp> {
    stored.record.due
}
