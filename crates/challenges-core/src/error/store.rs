use std::error::Error;

type Source = Box<dyn Error + Send + Sync>;

/// The error of a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store has no room for another record. Nothing was written or evicted.
    #[error("the store is full; purge expired records, or raise the bound or space of the store")]
    Full(#[source] Option<Source>),
    /// The store cannot be reached, or is too busy. Nothing was written.
    #[error("the store is not available; try again")]
    Unavailable(#[source] Source),
    /// The reply was lost, so the batch may have been applied or not.
    #[error("the store did not confirm the write; read the records again")]
    OutcomeUnknown(#[source] Source),
    /// The stored data cannot be read as a record.
    #[error("the store contains data that is not a record of this library")]
    Corrupt(#[source] Source),
}
