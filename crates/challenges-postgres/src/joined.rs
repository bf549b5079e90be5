//! Joined transactions: a module for each driver, and the shared part.

#[cfg(feature = "tokio-postgres")]
mod deadpool;
#[cfg(feature = "sqlx")]
mod sqlx;

#[cfg(feature = "tokio-postgres")]
pub(crate) use deadpool::Begun as DeadpoolBegun;
#[cfg(feature = "tokio-postgres")]
pub use deadpool::DeadpoolTransaction;
#[cfg(feature = "sqlx")]
pub(crate) use sqlx::Begun as SqlxBegun;
#[cfg(feature = "sqlx")]
pub use sqlx::SqlxTransaction;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use challenges_core::store::{Batch, Commit, Key, Load, StoreError, Stored, Write};
use tokio::time::timeout;

use crate::call::{Call, RawRecord};
use crate::client::Client;
use crate::driver::{Failure, Held};
use crate::fault::Fault;
use crate::read;
use crate::row::{self, Corruption};
use crate::schema::Functions;
use crate::write::{self, Lock, Outcome};

/// A connection with an open transaction. Dropping the value rolls the transaction back.
#[async_trait]
pub(crate) trait Open: Send + Sync {
    /// Runs a statement that returns records.
    async fn records(&mut self, call: &Call<'_>) -> Result<Vec<RawRecord>, Failure>;

    /// Runs a statement that returns rows of one `bigint`.
    async fn numbers(&mut self, call: &Call<'_>) -> Result<Vec<i64>, Failure>;

    /// Commits the transaction.
    async fn commit(self) -> Result<(), Failure>;
}

/// A transaction of the host, and the records that calls of the service wrote in it.
pub(crate) struct Joining<T> {
    transaction: T,
    client: Client,
    /// A connection to count a wrong answer on.
    held: Option<Box<dyn Held>>,
    functions: Functions,
    channel: Option<String>,
    /// The state that the applied batches left.
    written: BTreeMap<Key, Option<[u8; 16]>>,
    /// True during a statement, and after a statement without a reply, which may still run. Then the transaction can
    /// only be rolled back.
    is_unsettled: bool,
}

/// The reason why a transaction was rolled back instead of committed.
#[derive(Debug, thiserror::Error)]
#[error("the transaction no longer contains the records written for the challenge; do not roll back to a savepoint")]
struct Undone;

impl<T: Open> Joining<T> {
    pub(crate) const fn new(transaction: T, client: Client, functions: Functions, channel: Option<String>) -> Self {
        Self { transaction, client, held: None, functions, channel, written: BTreeMap::new(), is_unsettled: false }
    }

    /// Returns the state that the applied batches left.
    pub(crate) const fn written(&self) -> &BTreeMap<Key, Option<[u8; 16]>> {
        &self.written
    }

    async fn call(&mut self, batches: &[Batch], lock: Lock) -> Result<Vec<Outcome>, Fault> {
        let versions = write::versions(batches);
        let call = write::call(&self.functions, batches, &versions, self.channel.as_deref(), lock);
        let reply = within(&self.client, &mut self.is_unsettled, self.transaction.numbers(&call)).await?;
        write::outcomes(&reply, batches.len())
    }

    /// Returns true if the transaction still contains everything that was written.
    async fn is_intact(&mut self) -> Result<bool, Fault> {
        let mut shards: BTreeMap<u16, Vec<Write>> = BTreeMap::new();
        for (key, expected) in &self.written {
            shards.entry(key.shard()).or_default().push(Write::Keep { key: *key, expected: *expected });
        }
        let unused = [0; 16];
        let batches = shards.into_values().map(|writes| Batch::new(unused, writes));
        let batches: Vec<Batch> = batches.collect::<Result<_, _>>().map_err(|_| Corruption::Reply)?;
        if batches.is_empty() {
            return Ok(true);
        }
        // The transaction holds the shards, unless a rollback to a savepoint released them.
        let outcomes = self.call(&batches, Lock::Try).await?;
        Ok(outcomes.iter().all(|outcome| *outcome == Outcome::Done(Commit::Applied)))
    }

    pub(crate) async fn load(&mut self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        let id = read::key_id(request);
        let Some(call) = read::load_call(&self.functions, request, id.as_ref()) else { return Ok(Vec::new()) };
        let rows = within(&self.client, &mut self.is_unsettled, self.transaction.records(&call)).await;
        let rows = rows.map_err(not_applied)?;
        row::records(rows).map_err(|corruption| not_applied(corruption.into()))
    }

    pub(crate) async fn apply(&mut self, batch: Batch) -> Result<Commit, StoreError> {
        let batches = [batch];
        let lock = Lock::Wait(self.client.patience());
        let outcomes = self.call(&batches, lock).await.map_err(not_applied)?;
        let Some(Outcome::Done(commit)) = outcomes.first().copied() else {
            return Err(not_applied(Corruption::Reply.into()));
        };
        if commit == Commit::Applied {
            self.held = None;
            let [batch] = &batches;
            for write in batch.writes() {
                match write {
                    Write::Keep { .. } => continue,
                    Write::Put { record, .. } => self.written.insert(record.key, Some(batch.version())),
                    Write::Delete { key, .. } => self.written.insert(*key, None),
                };
            }
        }
        Ok(commit)
    }

    pub(crate) async fn reserve(&mut self) -> Result<(), StoreError> {
        if self.held.is_none() {
            self.held = Some(self.client.hold().await.map_err(not_applied)?);
        }
        Ok(())
    }

    pub(crate) async fn commit_apart(&mut self, batch: Batch) -> Result<Commit, StoreError> {
        let batches = [batch];
        let versions = write::versions(&batches);
        let lock = Lock::Wait(self.client.patience());
        let call = write::call(&self.functions, &batches, &versions, self.channel.as_deref(), lock);
        let reply = self.client.write_on(self.held.take(), &call).await;
        match reply.and_then(|reply| write::outcomes(&reply, batches.len())) {
            Ok(outcomes) => match outcomes.first() {
                Some(Outcome::Done(commit)) => Ok(*commit),
                Some(Outcome::Held) | None => Err(Arc::new(Fault::from(Corruption::Reply)).commit_error()),
            },
            Err(fault) => Err(Arc::new(fault).commit_error()),
        }
    }

    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        if self.is_unsettled {
            return Err(not_applied(Fault::TimedOut));
        }
        // PostgreSQL answers a COMMIT with success even when the transaction has failed and is rolled back.
        if !self.is_intact().await.map_err(not_applied)? {
            return Err(StoreError::Unavailable(Box::new(Undone)));
        }
        let committed = within(&self.client, &mut self.is_unsettled, self.transaction.commit()).await;
        committed.map_err(|fault| Arc::new(fault).commit_error())
    }
}

/// Runs a statement of the transaction within the timeout of a call.
async fn within<R>(
    client: &Client,
    is_unsettled: &mut bool,
    statement: impl Future<Output = Result<R, Failure>>,
) -> Result<R, Fault> {
    if *is_unsettled {
        return Err(Fault::TimedOut);
    }
    // Before the statement, so that a caller that goes away leaves the mark.
    *is_unsettled = true;
    let reply = timeout(client.timeout(), statement).await.map_err(|_| Fault::TimedOut)?;
    *is_unsettled = false;
    Ok(reply?)
}

/// Converts an error before the commit: nothing of the transaction is applied.
fn not_applied(fault: Fault) -> StoreError {
    fault.into_read_error()
}
