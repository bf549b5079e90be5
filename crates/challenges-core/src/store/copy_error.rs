use super::{Comparison, Key, StoreError};

/// The error of copying a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// No service was ever started on the source. Perhaps source and target are swapped.
    #[error("no service was ever started on the source; check that source and target are not swapped")]
    Unused,
    /// The source failed.
    #[error("the source cannot be read; copy again")]
    Source(#[source] StoreError),
    /// The target failed.
    #[error("the target cannot be read or written; copy again")]
    Target(#[source] StoreError),
    /// The target has a different record under this key. Nothing is ever overwritten.
    #[error("the target has another {0:?} than the source; copy into an empty store")]
    Occupied(Key),
    /// Source and target differ after the copy. Another process wrote to a store during the copy, or the target loses
    /// records.
    #[error("source and target differ in {} places; stop all writers and copy into an empty store", .0.different)]
    Differs(Box<Comparison>),
}
