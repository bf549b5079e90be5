use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use challenges_core::store::{
    Batch, Commit, Expect, HostTransaction, Key, Load, Loaded, Shard, StoreError, Then, Version, Write,
};
use sqlx::{PgConnection, Postgres, Transaction};

use crate::Statements;
use crate::client::Client;
use crate::driver::{Held, sqlx as driver};
use crate::fault::Fault;
use crate::read;
use crate::row::{self, Corruption};
use crate::schema::Functions;
use crate::write::{self, Lock, Outcome};

/// An open transaction of sqlx, shared by the host and the calls of [`Joined`](challenges_core::joined::Joined). Made
/// by [`PostgresStore::join_sqlx`](crate::PostgresStore::join_sqlx).
///
/// Run the host's own statements on [`connection`](Self::connection). Before the commit, the written records are
/// compared again in the transaction. If a failed statement, a `ROLLBACK` or a `ROLLBACK TO SAVEPOINT` of the host
/// undid them, the commit fails with [`StoreError::Unavailable`] and the transaction is rolled back.
pub struct SqlxTransaction {
    transaction: Transaction<'static, Postgres>,
    client: Client,
    /// A connection to count a wrong answer on.
    held: Option<Box<dyn Held>>,
    functions: Functions,
    statements: Statements,
    channel: Option<String>,
    /// The state that the applied batches left.
    written: BTreeMap<Key, Expect>,
}

/// The reason why a transaction was rolled back instead of committed.
#[derive(Debug, thiserror::Error)]
#[error("the transaction no longer contains the records written for the challenge; do not roll back to a savepoint")]
struct Undone;

impl SqlxTransaction {
    pub(crate) fn new(
        transaction: Transaction<'static, Postgres>,
        client: Client,
        functions: Functions,
        statements: Statements,
        channel: Option<String>,
    ) -> Self {
        Self { transaction, client, held: None, functions, statements, channel, written: BTreeMap::new() }
    }

    /// Returns the connection, for the host's own statements.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    async fn call(&mut self, batches: &[Batch], lock: Lock) -> Result<Vec<Outcome>, Fault> {
        let versions = write::versions(batches);
        let call = write::call(&self.functions, batches, &versions, self.channel.as_deref(), lock);
        let reply = driver::numbers_on(&mut self.transaction, self.statements, &call).await?;
        write::outcomes(&reply, batches.len())
    }

    /// Returns true if the transaction still contains everything that was written.
    async fn is_intact(&mut self) -> Result<bool, Fault> {
        let mut shards: BTreeMap<Shard, Vec<Write>> = BTreeMap::new();
        for (key, expect) in &self.written {
            shards.entry(key.shard()).or_default().push(Write::keep(*key, *expect));
        }
        let unused = Version::from_bytes([0; 16]);
        let batches = shards.into_values().map(|writes| Batch::new(unused, writes));
        let batches: Vec<Batch> = batches.collect::<Result<_, _>>().map_err(|_| Corruption::Reply)?;
        if batches.is_empty() {
            return Ok(true);
        }
        // The transaction holds the shards, unless a rollback to a savepoint released them.
        let outcomes = self.call(&batches, Lock::Try).await?;
        Ok(outcomes.iter().all(|outcome| *outcome == Outcome::Done(Commit::Applied)))
    }
}

/// Converts an error before the commit: nothing of the transaction is applied.
fn not_applied(fault: Fault) -> StoreError {
    fault.into_read_error()
}

#[async_trait]
impl HostTransaction for SqlxTransaction {
    async fn load(&mut self, request: &Load) -> Result<Loaded, StoreError> {
        let id = read::key_id(request);
        let Some(call) = read::load_call(&self.functions, request, id.as_ref()) else { return Ok(Loaded::default()) };
        let rows = driver::records_on(&mut self.transaction, self.statements, &call).await;
        let rows = rows.map_err(|failure| not_applied(failure.into()))?;
        let records = rows.into_iter().map(row::decode).collect::<Result<_, _>>();
        Ok(Loaded::new(records.map_err(|corruption| not_applied(corruption.into()))?))
    }

    async fn apply(&mut self, batch: Batch) -> Result<Commit, StoreError> {
        let batches = [batch];
        let outcomes = self.call(&batches, Lock::Wait).await.map_err(not_applied)?;
        let Some(Outcome::Done(commit)) = outcomes.first().copied() else {
            return Err(not_applied(Corruption::Reply.into()));
        };
        if commit == Commit::Applied {
            self.held = None;
            let [batch] = &batches;
            for write in batch.writes() {
                match write.then {
                    Then::Keep => continue,
                    Then::Put(_) => self.written.insert(write.key, Expect::At(batch.version())),
                    Then::Delete => self.written.insert(write.key, Expect::Absent),
                };
            }
        }
        Ok(commit)
    }

    async fn reserve(&mut self) -> Result<(), StoreError> {
        if self.held.is_none() {
            self.held = Some(self.client.hold().await.map_err(not_applied)?);
        }
        Ok(())
    }

    async fn commit_apart(&mut self, batch: Batch) -> Result<Commit, StoreError> {
        let batches = [batch];
        let versions = write::versions(&batches);
        let call = write::call(&self.functions, &batches, &versions, self.channel.as_deref(), Lock::Wait);
        let reply = self.client.write_on(self.held.take(), &call).await;
        match reply.and_then(|reply| write::outcomes(&reply, batches.len())) {
            Ok(outcomes) => match outcomes.first() {
                Some(Outcome::Done(commit)) => Ok(*commit),
                Some(Outcome::Held) | None => Err(Arc::new(Fault::from(Corruption::Reply)).commit_error()),
            },
            Err(fault) => Err(Arc::new(fault).commit_error()),
        }
    }

    async fn commit(mut self) -> Result<(), StoreError> {
        // PostgreSQL answers a COMMIT with success even when the transaction has failed and is rolled back.
        if !self.is_intact().await.map_err(not_applied)? {
            return Err(StoreError::Unavailable(Box::new(Undone)));
        }
        let failed = self.transaction.commit().await.map_err(driver::failure);
        failed.map_err(|failure| Arc::new(Fault::from(failure)).commit_error())
    }
}

impl fmt::Debug for SqlxTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlxTransaction").field("written", &self.written).finish_non_exhaustive()
    }
}
