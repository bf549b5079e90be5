use super::{Engine, Now};
use crate::entropy::{self, NoEntropy};
use crate::error::Error;
use crate::store::{Batch, Commit, Key, Kind, Load, Loaded, StoreError, Version, Write};

/// The number of times a decision is made again on fresh state after a conflict. Each conflict means another write was
/// applied, so only heavy contention on a record reaches the limit.
pub(crate) const MAX_TRIES: usize = 128;

/// A decision on loaded state: the writes to commit, and a value, valid once the writes are applied.
pub(crate) struct Change<T> {
    pub(crate) writes: Vec<Write>,
    pub(crate) value: T,
}

/// A record and the version under which a commit stores the record. Finding both after a lost reply means that the
/// commit was applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Witness {
    key: Key,
    version: Version,
}

impl<T> Change<T> {
    pub(crate) const fn new(writes: Vec<Write>, value: T) -> Self {
        Self { writes, value }
    }

    /// Returns a decision with nothing to store.
    pub(crate) const fn none(value: T) -> Self {
        Self::new(Vec::new(), value)
    }
}

impl Engine {
    /// Loads, decides and commits, and starts over on fresh state after a conflict.
    pub(crate) async fn transact<T: Send>(
        &self,
        load: Option<&Load>,
        decide: impl Fn(&Loaded, Now) -> Result<Change<T>, Error> + Send + Sync,
    ) -> Result<T, Error> {
        for _ in 0..MAX_TRIES {
            let loaded = match load {
                Some(load) => self.store.load(load).await?,
                None => Loaded::default(),
            };
            let now = self.now();
            let decided = entropy::in_one_draw(|| -> Result<_, Error> {
                let Change { writes, value } = decide(&loaded, now)?;
                let version = if writes.is_empty() { None } else { Some(self.new_version()?) };
                Ok((version, writes, value))
            });
            let (version, writes, value) = decided?;
            let Some(version) = version else { return Ok(value) };
            if self.commit_as(version, writes).await? == Commit::Applied {
                return Ok(value);
            }
        }
        Err(Error::Contended)
    }

    pub(crate) fn new_version(&self) -> Result<Version, NoEntropy> {
        entropy::bytes(self.entropy())
    }

    pub(crate) async fn commit(&self, writes: Vec<Write>) -> Result<Commit, Error> {
        self.commit_as(self.new_version()?, writes).await
    }

    /// Commits a batch under `version`, and wakes dispatchers when the batch creates an outbox entry.
    pub(crate) async fn commit_as(&self, version: Version, writes: Vec<Write>) -> Result<Commit, Error> {
        let creates_entry = creates_entry(&writes);
        let (batch, witness) = self.batch(version, writes)?;
        let commit = self.settle_lost(self.store.commit(batch).await, witness).await?.unwrap_or(Commit::Applied);
        if creates_entry && commit == Commit::Applied {
            self.wake_dispatchers();
        }
        Ok(commit)
    }

    /// Wakes the dispatchers of this process.
    pub(crate) fn wake_dispatchers(&self) {
        self.outbox_written.notify(usize::MAX);
    }

    /// Returns the batch of these writes, and the witness of the commit.
    pub(crate) fn batch(&self, version: Version, writes: Vec<Write>) -> Result<(Batch, Option<Witness>), Error> {
        let put = writes.iter().filter(|write| matches!(write, Write::Put { .. })).map(Write::key);
        // An outbox entry is the worst witness: dispatchers rewrite and delete entries.
        let witness = put.min_by_key(|key| key.kind == Kind::Outbox).map(|key| Witness { key, version });
        Ok((Batch::new(version, writes)?, witness))
    }

    /// Returns the reply of a commit, or `None` when the reply was lost and the witness shows that the commit was
    /// applied. Anything else stays unknown, and unknown is never success.
    pub(crate) async fn settle_lost<R>(
        &self,
        reply: Result<R, StoreError>,
        witness: Option<Witness>,
    ) -> Result<Option<R>, Error> {
        let lost = match reply {
            Err(lost @ StoreError::OutcomeUnknown(_)) => lost,
            reply => return Ok(Some(reply?)),
        };
        if let Some(Witness { key, version }) = witness
            && let Ok(loaded) = self.store.load(&Load::key(key)).await
            && loaded.find(key).is_some_and(|stored| stored.version == version)
        {
            return Ok(None);
        }
        Err(lost.into())
    }
}

/// Returns whether the writes create an outbox entry.
pub(crate) fn creates_entry(writes: &[Write]) -> bool {
    writes.iter().any(|write| write.key().kind == Kind::Outbox && write.expected().is_none())
}
