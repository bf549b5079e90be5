use std::fmt;
use std::pin::pin;
use std::task::{Context, Waker};

use async_trait::async_trait;
use challenges_core::store::{Batch, Commit, HostTransaction, Load, StoreError, Stored};
use deadpool_postgres::{ClientWrapper, Object};

use super::{Joining, Open};
use crate::Statements;
use crate::call::{Call, RawRecord};
use crate::driver::{Failure, deadpool as driver};

/// An open transaction of tokio-postgres, shared by the host and the calls of
/// [`Joined`](challenges_core::joined::Joined). Made by
/// [`PostgresStore::join_deadpool`](crate::PostgresStore::join_deadpool).
///
/// Run the host's own statements on [`connection`](Self::connection). Before the commit, the written records are
/// compared again in the transaction. If a failed statement, a `ROLLBACK` or a `ROLLBACK TO SAVEPOINT` of the host
/// undid them, the commit fails with [`StoreError::Unavailable`] and the transaction is rolled back.
pub struct DeadpoolTransaction(pub(crate) Joining<Begun>);

/// A connection with an open transaction, and the way in which statements reach the server.
pub(crate) struct Begun {
    connection: Object,
    statements: Statements,
    is_committed: bool,
}

impl DeadpoolTransaction {
    /// Returns the connection, for the host's own statements.
    #[must_use]
    pub fn connection(&self) -> &ClientWrapper {
        &self.0.transaction.connection
    }
}

impl Begun {
    pub(crate) async fn begin(connection: Object, statements: Statements) -> Result<Self, Failure> {
        // Before the statement, so that a caller that goes away rolls back.
        let begun = Self { connection, statements, is_committed: false };
        begun.connection.batch_execute("BEGIN").await.map_err(driver::failure)?;
        Ok(begun)
    }
}

#[async_trait]
impl Open for Begun {
    async fn records(&mut self, call: &Call<'_>) -> Result<Vec<RawRecord>, Failure> {
        driver::records(&driver::run(&self.connection, self.statements, call).await.map_err(driver::failure)?)
    }

    async fn numbers(&mut self, call: &Call<'_>) -> Result<Vec<i64>, Failure> {
        driver::numbers(&driver::run(&self.connection, self.statements, call).await.map_err(driver::failure)?)
    }

    async fn commit(mut self) -> Result<(), Failure> {
        self.connection.batch_execute("COMMIT").await.map_err(driver::failure)?;
        self.is_committed = true;
        Ok(())
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if !self.is_committed {
            // The first poll queues the statement before every later statement on the connection, as the transactions of
            // tokio-postgres do when dropped. Nobody waits for the reply.
            let _ = pin!(self.connection.batch_execute("ROLLBACK")).poll(&mut Context::from_waker(Waker::noop()));
        }
    }
}

#[async_trait]
impl HostTransaction for DeadpoolTransaction {
    async fn load(&mut self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        self.0.load(request).await
    }

    async fn apply(&mut self, batch: Batch) -> Result<Commit, StoreError> {
        self.0.apply(batch).await
    }

    async fn reserve(&mut self) -> Result<(), StoreError> {
        self.0.reserve().await
    }

    async fn commit_apart(&mut self, batch: Batch) -> Result<Commit, StoreError> {
        self.0.commit_apart(batch).await
    }

    async fn commit(self) -> Result<(), StoreError> {
        self.0.commit().await
    }
}

impl fmt::Debug for DeadpoolTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadpoolTransaction").field("written", self.0.written()).finish_non_exhaustive()
    }
}
