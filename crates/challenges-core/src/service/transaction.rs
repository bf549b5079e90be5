use super::settle::Held;
use super::{Challenges, Now};
use crate::entropy::{self, EntropyError};
use crate::error::Error;
use crate::store::{Batch, Commit, Expect, Kind, Load, Loaded, StoreError, Then, Version, Write};

/// How often a decision that met a conflict is made again on fresh state. Each conflict means that somebody else's
/// write was applied, so only a crowd on one record gets here.
pub(super) const TRIES: usize = 128;

/// What was decided on the state that was read.
pub(super) enum Decision<T> {
    /// Store these writes; the value holds only if they are applied.
    Commit(Vec<Write>, T),
    /// There is nothing to store.
    Done(T),
}

impl Challenges {
    /// Reads, decides and stores, again on fresh state for as long as others come in between.
    pub(super) async fn transact<T: Send>(
        &self,
        load: Option<&Load>,
        decide: impl Fn(&Loaded, Now) -> Result<Decision<T>, Error> + Send + Sync,
    ) -> Result<T, Error> {
        for _ in 0..TRIES {
            let loaded = match load {
                Some(load) => self.inner.store.load(load).await?,
                None => Loaded::default(),
            };
            match decide(&loaded, self.time())? {
                Decision::Done(value) => return Ok(value),
                Decision::Commit(writes, value) => match self.commit(writes).await? {
                    Commit::Applied => return Ok(value),
                    Commit::Conflict => {}
                },
            }
        }
        Err(Error::Contended)
    }

    /// Reads, decides and stores like [`Challenges::transact`], for as long as an outbox entry stands as its holder left
    /// it; `None`, once it does not.
    pub(super) async fn transact_held<T: Send>(
        &self,
        load: &Load,
        held: &Held,
        decide: impl Fn(&Loaded, Now) -> Result<(Vec<Write>, T), Error> + Send + Sync,
    ) -> Result<Option<T>, Error> {
        for _ in 0..TRIES {
            let loaded = self.inner.store.load(load).await?;
            let (writes, value) = decide(&loaded, self.time())?;
            if self.commit(writes).await? == Commit::Applied {
                return Ok(Some(value));
            }
            let entry = self.inner.store.load(&Load::key(held.key())).await?;
            if entry.find(held.key()).is_none_or(|stored| stored.version != held.version()) {
                return Ok(None);
            }
        }
        Err(Error::Contended)
    }

    pub(super) fn version(&self) -> Result<Version, EntropyError> {
        Ok(Version::from_bytes(entropy::bytes(self.entropy())?))
    }

    pub(super) async fn commit(&self, writes: Vec<Write>) -> Result<Commit, Error> {
        self.commit_as(self.version()?, writes).await
    }

    /// Stores a batch under that version. When the store's answer is lost, finding our own version means that it was applied;
    /// anything else is unknown, and unknown is never success.
    pub(super) async fn commit_as(&self, version: Version, writes: Vec<Write>) -> Result<Commit, Error> {
        let new_entry = writes.iter().any(|write| write.key.kind == Kind::Outbox && write.expect == Expect::Absent);
        let committed = self.commit_once(version, writes).await?;
        if new_entry && committed == Commit::Applied {
            self.inner.wake.notify();
        }
        Ok(committed)
    }

    async fn commit_once(&self, version: Version, writes: Vec<Write>) -> Result<Commit, Error> {
        let put = writes.iter().filter(|write| matches!(write.then, Then::Put(_))).map(|write| write.key);
        // Others rewrite an entry of the outbox first, and it is gone once it is performed.
        let witness = put.min_by_key(|key| key.kind == Kind::Outbox);
        let lost = match self.inner.store.commit(Batch::new(version, writes)?).await {
            Err(lost @ StoreError::OutcomeUnknown(_)) => lost,
            answer => return Ok(answer?),
        };
        if let Some(key) = witness
            && let Ok(loaded) = self.inner.store.load(&Load::key(key)).await
            && loaded.find(key).is_some_and(|stored| stored.version == version)
        {
            return Ok(Commit::Applied);
        }
        Err(lost.into())
    }
}
