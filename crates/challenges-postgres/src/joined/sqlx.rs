use std::fmt;

use async_trait::async_trait;
use challenges_core::store::{Batch, Commit, HostTransaction, Load, StoreError, Stored};
use sqlx::{PgConnection, Postgres, Transaction};

use super::{Joining, Open};
use crate::Statements;
use crate::call::{Call, RawRecord};
use crate::driver::{Failure, sqlx as driver};

/// An open transaction of sqlx, shared by the host and the calls of [`Joined`](challenges_core::joined::Joined). Made
/// by [`PostgresStore::join_sqlx`](crate::PostgresStore::join_sqlx).
///
/// Run the host's own statements on [`connection`](Self::connection). Before the commit, the written records are
/// compared again in the transaction. If a failed statement, a `ROLLBACK` or a `ROLLBACK TO SAVEPOINT` of the host
/// undid them, the commit fails with [`StoreError::Unavailable`] and the transaction is rolled back.
pub struct SqlxTransaction(pub(crate) Joining<Begun>);

/// A transaction, and the way in which statements reach the server.
pub(crate) struct Begun {
    pub(crate) transaction: Transaction<'static, Postgres>,
    pub(crate) statements: Statements,
}

impl SqlxTransaction {
    /// Returns the connection, for the host's own statements.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.0.transaction.transaction
    }
}

#[async_trait]
impl Open for Begun {
    async fn records(&mut self, call: &Call<'_>) -> Result<Vec<RawRecord>, Failure> {
        driver::records_on(&mut self.transaction, self.statements, call).await
    }

    async fn numbers(&mut self, call: &Call<'_>) -> Result<Vec<i64>, Failure> {
        driver::numbers_on(&mut self.transaction, self.statements, call).await
    }

    async fn commit(self) -> Result<(), Failure> {
        self.transaction.commit().await.map_err(driver::failure)
    }
}

#[async_trait]
impl HostTransaction for SqlxTransaction {
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

impl fmt::Debug for SqlxTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlxTransaction").field("written", self.0.written()).finish_non_exhaustive()
    }
}
