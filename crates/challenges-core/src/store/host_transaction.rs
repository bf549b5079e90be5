use std::fmt::Debug;

use async_trait::async_trait;

use super::{Batch, Commit, Load, StoreError, Stored};

/// An open transaction of the host, on the database of a [`Store`](super::Store).
///
/// Stores in the host's own database implement this trait, for [`Challenges::join`](crate::Challenges::join).
///
/// # Contract
///
/// - [`load`](Self::load) and [`apply`](Self::apply) keep the contract of [`Store::load`](super::Store::load) and
///   [`Store::commit`](super::Store::commit), seen from inside the transaction.
/// - A batch is compared with the last committed records, not with an older snapshot of the transaction.
/// - An applied batch becomes visible to others when the transaction commits, and never when the transaction ends
///   without a commit. Until then, no other writer changes the shard of the batch.
/// - Dropping the value rolls the transaction back.
/// - After [`reserve`](Self::reserve), [`commit_apart`](Self::commit_apart) waits for no connection: a wrong answer is
///   counted, however many transactions are open.
///
/// # Security
///
/// | a transaction that | lets an attacker |
/// |---|---|
/// | compares with an old snapshot | answer one challenge twice |
/// | lets others write to the shard before the commit | answer one challenge twice |
/// | reserves nothing | guess without being counted, while transactions hold all connections |
/// | reports success from `commit` without a commit | pass a challenge again and again |
#[async_trait]
pub trait HostTransaction: Debug + Send + Sync + 'static {
    /// Loads records, as [`Store::load`](super::Store::load) does.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the records cannot be read.
    async fn load(&mut self, request: &Load) -> Result<Vec<Stored>, StoreError>;

    /// Applies a batch inside the transaction, as [`Store::commit`](super::Store::commit) does.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the batch was not applied. The transaction can then only be rolled back.
    async fn apply(&mut self, batch: Batch) -> Result<Commit, StoreError>;

    /// Reserves the resources of [`commit_apart`](Self::commit_apart), such as a connection, before an answer is
    /// compared.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when no resource is free. The answer is then not compared.
    async fn reserve(&mut self) -> Result<(), StoreError>;

    /// Commits a batch outside the transaction, as [`Store::commit`](super::Store::commit) does.
    ///
    /// # Errors
    ///
    /// Those of [`Store::commit`](super::Store::commit).
    async fn commit_apart(&mut self, batch: Batch) -> Result<Commit, StoreError>;

    /// Commits the transaction.
    ///
    /// # Errors
    ///
    /// [`StoreError::OutcomeUnknown`] when the transaction may have been committed. Any other error promises a
    /// rollback.
    async fn commit(self) -> Result<(), StoreError>;
}
