//! The storage contract: versioned records, and batches applied as a whole or not at all. Implement [`Store`] for a
//! database; the other types here are its arguments and results, and [`copy`] moves the records of one store into
//! another.

mod batch;
mod comparison;
mod contract;
mod copy_error;
mod copying;
mod difference;
mod host_transaction;
mod kind;
mod query;
mod record;
mod shared;
mod walk;

pub use batch::{Batch, Commit, Write};
#[doc(hidden)]
pub use comparison::compare;
pub use contract::Store;
pub use copy_error::CopyError;
pub use copying::copy;
#[doc(hidden)]
pub use difference::{Comparison, Difference, Discrepancy, View};
#[doc(hidden)]
pub use host_transaction::HostTransaction;
pub use kind::Kind;
pub use query::Load;
pub(crate) use query::Loaded;
pub(crate) use record::Version;
pub use record::{Key, Record, Stored};

#[doc(hidden)]
pub use crate::error::BatchError;
pub use crate::error::StoreError;
pub use crate::id::Id;
#[doc(hidden)]
pub use crate::id::IdText;
