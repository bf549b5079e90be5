use super::comparison::{Comparison, compare};
use super::walk::{Failed, Pair, Pairs};
use super::{Batch, Commit, Key, Kind, Load, Store, StoreError, Stored};
use crate::concurrent::try_join_all;

/// Records that are put at once, so that a store can group its commits.
const AT_ONCE: usize = 64;

/// What a copy did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Copied {
    /// Records that it put.
    pub written: usize,
    /// Records that it found there, of an earlier copy.
    pub found: usize,
}

/// Why a store was not copied, or not proved to be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// No service was ever started on the source: it is another one than was meant, or the two are exchanged.
    #[error("there is nothing to copy: no service was ever started on the source")]
    Unused,
    /// The source failed.
    #[error("the source could not be read")]
    Source(#[source] StoreError),
    /// The target failed.
    #[error("the target could not be read or written")]
    Target(#[source] StoreError),
    /// The target holds something of its own at that key, and nothing is ever overwritten.
    #[error("the target holds {0:?}, which is not as the source has it; copy to an empty store")]
    Occupied(Key),
    /// Everything was put, and yet the two differ: somebody wrote to one of them meanwhile, or the target loses records.
    #[error("the copy differs from its source in {} places", .0.different)]
    Differs(Box<Comparison>),
}

impl From<Failed> for CopyError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Source(error) => Self::Source(error),
            Failed::Target(error) => Self::Target(error),
        }
    }
}

/// Copies everything that one store holds into another, whatever the two are, and [compares](compare) them at the end.
///
/// **Stop every process that uses the source first**, sweepers and dispatchers included: what is written meanwhile may be
/// missed, which the comparison then tells. Start the service on the target with the same key ring, and once the copy
/// has succeeded; the source must not be used again, or codes that were used up here would be good there.
///
/// Records keep their versions, times and bodies; the target makes its indices as it does for any write. Nothing that it
/// holds is changed or deleted, so a copy that was cut off is gone on with by calling it again, and calling it once more
/// changes nothing. The record that a service needs to start on the store is put last: a target that was only partly copied
/// refuses to be used.
///
/// # Errors
///
/// [`CopyError`]. After [`CopyError::Source`] and [`CopyError::Target`] call it again; after [`CopyError::Occupied`] and
/// [`CopyError::Differs`] find out what the target is, and start with an empty one.
///
/// # Examples
///
/// ```
/// use challenges_core::store;
/// use challenges_core::{Challenges, KeyRing};
/// use challenges_memory::MemoryStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (old, new) = (MemoryStore::new(), MemoryStore::new());
/// Challenges::builder(old.clone(), KeyRing::generate()?).build().await?;
///
/// let copied = store::copy(&old, &new).await?;
/// assert_eq!((copied.written, copied.found), (1, 0));
/// assert_eq!(store::copy(&old, &new).await?.written, 0);
/// # Ok(())
/// # }
/// ```
pub async fn copy(source: &dyn Store, target: &dyn Store) -> Result<Copied, CopyError> {
    // Before anything is put: a target that another service uses stays as it is.
    let Some((root, is_there)) = root(source, target).await? else { return Err(CopyError::Unused) };
    let mut copied = Copied::default();
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Root) {
        copy_kind(&mut copied, source, target, kind).await?;
    }
    if is_there {
        copied.found = copied.found.saturating_add(1);
    } else {
        put(&mut copied, target, vec![root]).await?;
    }
    let comparison = compare(source, target).await?;
    if comparison.different > 0 {
        return Err(CopyError::Differs(Box::new(comparison)));
    }
    Ok(copied)
}

/// The source's record of kind root, and whether the target has it.
async fn root(source: &dyn Store, target: &dyn Store) -> Result<Option<(Stored, bool)>, CopyError> {
    let mut pairs = Pairs::new(source, target, Kind::Root);
    let mut root = None;
    while let Some(pair) = pairs.next().await? {
        root = Some(accept(pair)?);
    }
    Ok(root)
}

async fn copy_kind(copied: &mut Copied, source: &dyn Store, target: &dyn Store, kind: Kind) -> Result<(), CopyError> {
    let mut pairs = Pairs::new(source, target, kind);
    let mut missing = Vec::with_capacity(AT_ONCE);
    while let Some(pair) = pairs.next().await? {
        let (stored, is_there) = accept(pair)?;
        if is_there {
            copied.found = copied.found.saturating_add(1);
            continue;
        }
        missing.push(stored);
        if missing.len() == AT_ONCE {
            put(copied, target, std::mem::take(&mut missing)).await?;
        }
    }
    put(copied, target, missing).await
}

/// The source's record, and whether the target has it.
fn accept(pair: Pair) -> Result<(Stored, bool), CopyError> {
    match pair {
        Pair::Source(stored) => Ok((stored, false)),
        Pair::Both(source, target) if source == target => Ok((source, true)),
        Pair::Both(_, other) | Pair::Target(other) => Err(CopyError::Occupied(other.record.key)),
    }
}

async fn put(copied: &mut Copied, target: &dyn Store, records: Vec<Stored>) -> Result<(), CopyError> {
    for written in try_join_all(records.into_iter().map(|stored| create(target, stored))).await? {
        let count = if written { &mut copied.written } else { &mut copied.found };
        *count = count.saturating_add(1);
    }
    Ok(())
}

/// Creates the record; whether it was not there already.
async fn create(target: &dyn Store, stored: Stored) -> Result<bool, CopyError> {
    let key = stored.record.key;
    match target.commit(Batch::recreate(stored.clone())).await.map_err(CopyError::Target)? {
        Commit::Applied => Ok(true),
        Commit::Conflict => {
            // Another copy at the same time may have been first.
            let loaded = target.load(&Load::key(key)).await.map_err(CopyError::Target)?;
            if loaded.find(key) == Some(&stored) { Ok(false) } else { Err(CopyError::Occupied(key)) }
        }
    }
}
