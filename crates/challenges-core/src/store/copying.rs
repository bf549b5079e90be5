use futures_util::future::try_join_all;

use super::comparison::compare;
use super::walk::{Pair, Pairs};
use super::{Batch, Commit, CopyError, Kind, Load, Store, Stored};

/// The number of records put concurrently, so that a store can group its commits.
const CONCURRENCY: usize = 64;

/// Copies all records of one store into another, of any two types, and compares the stores at the end.
///
/// **Stop every process that uses the source first**, including sweepers and dispatchers. Records written during the
/// copy may be missed, and are then reported by the comparison. After a successful copy, start the service on the
/// target with the same key ring. Never use the source again: codes used up on the target would still be valid there.
///
/// Records keep versions, times and bodies. Records in the target are never changed or deleted. An interrupted copy
/// therefore continues when called again, and a call after a complete copy changes nothing. The salt, which every start
/// needs, is copied last, so a service refuses to start on a partial copy.
///
/// Returns the number of records written, and the number of records that the target had from an earlier copy.
///
/// # Errors
///
/// [`CopyError`]. After [`CopyError::Source`] and [`CopyError::Target`] call `copy` again. After
/// [`CopyError::Occupied`] and [`CopyError::Differs`] find out what the target contains, and start with an empty store.
///
/// # Examples
///
/// ```
/// use challenges_core::Challenges;
/// use challenges_core::keyring::KeyRing;
/// use challenges_core::store;
/// use challenges_memory::MemoryStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (old, new) = (MemoryStore::new(), MemoryStore::new());
/// Challenges::builder(old.clone(), KeyRing::generate()?).build().await?;
///
/// assert_eq!(store::copy(&old, &new).await?, (1, 0));
/// assert_eq!(store::copy(&old, &new).await?, (0, 1));
/// # Ok(())
/// # }
/// ```
pub async fn copy(source: &dyn Store, target: &dyn Store) -> Result<(usize, usize), CopyError> {
    // The salt is read before the first write: a target that another service uses stays unchanged.
    let Some((salt, is_copied)) = salt(source, target).await? else { return Err(CopyError::Unused) };
    let mut copied = Copied::default();
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Salt) {
        copy_kind(&mut copied, source, target, kind).await?;
    }
    if is_copied {
        copied.found = copied.found.saturating_add(1);
    } else {
        put(&mut copied, target, vec![salt]).await?;
    }
    let comparison = compare(source, target).await?;
    if comparison.different > 0 {
        return Err(CopyError::Differs(Box::new(comparison)));
    }
    Ok((copied.written, copied.found))
}

/// The numbers of records written, and found in the target.
#[derive(Default)]
struct Copied {
    written: usize,
    found: usize,
}

/// Returns the salt record of the source, and whether the target has the record.
async fn salt(source: &dyn Store, target: &dyn Store) -> Result<Option<(Stored, bool)>, CopyError> {
    let mut pairs = Pairs::new(source, target, Kind::Salt);
    let mut salt = None;
    while let Some(pair) = pairs.next().await? {
        salt = Some(accept(pair)?);
    }
    Ok(salt)
}

async fn copy_kind(copied: &mut Copied, source: &dyn Store, target: &dyn Store, kind: Kind) -> Result<(), CopyError> {
    let mut pairs = Pairs::new(source, target, kind);
    let mut missing = Vec::with_capacity(CONCURRENCY);
    while let Some(pair) = pairs.next().await? {
        let (stored, is_copied) = accept(pair)?;
        if is_copied {
            copied.found = copied.found.saturating_add(1);
            continue;
        }
        missing.push(stored);
        if missing.len() == CONCURRENCY {
            put(copied, target, std::mem::take(&mut missing)).await?;
        }
    }
    put(copied, target, missing).await
}

/// Returns the record of the source, and whether the target has the record.
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

/// Creates a record. Returns `false` when the same record exists.
async fn create(target: &dyn Store, stored: Stored) -> Result<bool, CopyError> {
    let key = stored.record.key;
    match target.commit(Batch::recreate(stored.clone())).await.map_err(CopyError::Target)? {
        Commit::Applied => Ok(true),
        Commit::Conflict => {
            // A concurrent copy may have been first.
            let found = target.load(&Load::key(key)).await.map_err(CopyError::Target)?;
            if found.contains(&stored) { Ok(false) } else { Err(CopyError::Occupied(key)) }
        }
    }
}
