use std::collections::BTreeSet;

use super::{Change, Engine, MAX_TRIES, Now, Witness, creates_entry};
use crate::error::{Error, Invalid};
use crate::store::{Commit, HostTransaction, Load, Loaded, Write};

/// A call to the observer about a result, made after the commit.
pub(crate) type Report = Box<dyn FnOnce(&Engine) + Send + Sync>;

/// A host's transaction, and the shards written in the transaction.
#[derive(Debug)]
pub(crate) struct Session<T> {
    transaction: T,
    written: BTreeSet<u16>,
    witness: Option<Witness>,
    creates_entry: bool,
}

impl<T: HostTransaction> Session<T> {
    pub(crate) const fn new(transaction: T) -> Self {
        Self { transaction, written: BTreeSet::new(), witness: None, creates_entry: false }
    }

    pub(crate) const fn transaction(&mut self) -> &mut T {
        &mut self.transaction
    }

    /// Refuses an answer while the transaction holds the shard. A wrong answer has to be counted by a commit outside
    /// the transaction, and that commit would wait for the transaction.
    pub(crate) fn check_answer(&self, shard: u16) -> Result<(), Invalid> {
        if self.written.contains(&shard) { Err(Invalid::AnswerAfterWrite) } else { Ok(()) }
    }

    /// Loads, decides and writes as [`Engine::transact`] does, in the transaction of the host. A decision for which
    /// `joins` returns false is written in a separate commit.
    pub(crate) async fn transact<V: Send>(
        &mut self,
        engine: &Engine,
        load: &Load,
        decide: impl Fn(&Loaded, Now) -> Result<Change<V>, Error> + Send + Sync,
        joins: Option<fn(&V) -> bool>,
    ) -> Result<V, Error> {
        for _ in 0..MAX_TRIES {
            if joins.is_some() {
                self.transaction.reserve().await?;
            }
            let loaded = engine.store.checked(self.transaction.load(load).await?);
            let Change { writes, value } = decide(&loaded, engine.now())?;
            if writes.is_empty() {
                return Ok(value);
            }
            let commit = if joins.is_none_or(|joins| joins(&value)) {
                self.apply(engine, writes).await?
            } else if self.written.contains(&load.shard()) {
                // A right answer lost a race and is wrong by now. The count would wait for this very transaction.
                return Err(Error::Contended);
            } else {
                self.commit_apart(engine, writes).await?
            };
            if commit == Commit::Applied {
                return Ok(value);
            }
        }
        Err(Error::Contended)
    }

    async fn apply(&mut self, engine: &Engine, writes: Vec<Write>) -> Result<Commit, Error> {
        let creates_entry = creates_entry(&writes);
        let (batch, witness) = engine.batch(engine.new_version()?, writes)?;
        self.written.insert(batch.shard());
        let commit = self.transaction.apply(engine.store.tagged(batch)).await?;
        if commit == Commit::Applied {
            self.creates_entry |= creates_entry;
            self.witness = witness.or(self.witness);
        }
        Ok(commit)
    }

    async fn commit_apart(&mut self, engine: &Engine, writes: Vec<Write>) -> Result<Commit, Error> {
        let (batch, witness) = engine.batch(engine.new_version()?, writes)?;
        let reply = self.transaction.commit_apart(engine.store.tagged(batch)).await;
        Ok(engine.settle_lost(reply, witness).await?.unwrap_or(Commit::Applied))
    }

    /// Commits the transaction of the host, and wakes dispatchers when a batch created an outbox entry. After a lost
    /// reply, finding the last version written means that the transaction was committed.
    pub(crate) async fn commit(self, engine: &Engine) -> Result<(), Error> {
        engine.settle_lost(self.transaction.commit().await, self.witness).await?;
        if self.creates_entry {
            engine.wake_dispatchers();
        }
        Ok(())
    }
}
