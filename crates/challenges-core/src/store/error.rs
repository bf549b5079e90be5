use std::error::Error;

type Source = Box<dyn Error + Send + Sync>;

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no room for another record. Nothing was written, and nothing was evicted.
    #[error("the store is full; purge expired records, raise its bound or give it more space")]
    Full(#[source] Option<Source>),
    /// The store cannot be reached or is too busy. Nothing was written.
    #[error("the store is not available")]
    Unavailable(#[source] Source),
    /// The batch may have been applied or not; the answer was lost.
    #[error("the store did not say whether the write was applied")]
    OutcomeUnknown(#[source] Source),
    /// What is stored cannot be read as a record.
    #[error("the store holds something that is not a record of this library")]
    Corrupt(#[source] Source),
}
