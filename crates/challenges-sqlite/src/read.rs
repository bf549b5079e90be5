use std::ops::RangeInclusive;

use challenges_core::Timestamp;
use challenges_core::store::{Id, Key, Kind, Load, StoreError, Stored};
use rusqlite::{Connection, Params, params};

use crate::row::columns;
use crate::{fault, number, row};

pub(crate) const BY_KEY: &str =
    concat!("SELECT ", columns!(), " FROM records WHERE kind = ?1 AND id = ?2 AND owner = ?3");
// Without the index, an error is better than a scan of the records of every owner.
pub(crate) const BY_OWNER: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM records INDEXED BY records_by_owner WHERE kind = ?1 AND owner = ?2 AND id > ?3 ORDER BY id LIMIT ?4"
);
pub(crate) const BY_ANY_OWNER: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM records INDEXED BY records_by_owner WHERE kind = ?1 AND (owner, id) > (?2, ?3) ORDER BY owner, id LIMIT ?4"
);
pub(crate) const BY_DUE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM records INDEXED BY records_by_due WHERE kind = ?1 AND due <= ?2 AND owner BETWEEN ?3 AND ?4 ORDER BY due, id LIMIT ?5"
);

pub(crate) fn load(connection: &Connection, request: &Load) -> Result<Vec<Stored>, StoreError> {
    let mut kinds: Vec<Kind> = request.owned_kinds().to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    let is_owned = |key: &Key| key.id.owner() == request.owner() && kinds.contains(&key.kind);
    let key = request.requested_key().filter(|key| !is_owned(key));
    let mut records = Vec::new();
    let mut read = || -> Result<(), StoreError> {
        if let Some(key) = key {
            by_key(connection, key, &mut records)?;
        }
        for kind in &kinds {
            of_owner(connection, *kind, request.owner(), "", i64::MAX, &mut records)?;
        }
        Ok(())
    };
    // A single statement reads one snapshot anyway.
    if usize::from(key.is_some()) + kinds.len() > 1 {
        let snapshot = Snapshot::begin(connection).map_err(fault::of_read)?;
        read()?;
        drop(snapshot);
    } else {
        read()?;
    }
    Ok(records)
}

/// A read transaction, which ends on drop. Unlike rusqlite's, the statements are prepared once.
struct Snapshot<'a>(&'a Connection);

impl<'a> Snapshot<'a> {
    fn begin(connection: &'a Connection) -> rusqlite::Result<Self> {
        // Left open only if an earlier read failed to end.
        if !connection.is_autocommit() {
            connection.prepare_cached("ROLLBACK")?.execute([])?;
        }
        connection.prepare_cached("BEGIN")?.execute([])?;
        Ok(Self(connection))
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        // The next snapshot tries again. Nothing was written.
        let _ = self.0.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([]));
    }
}

pub(crate) fn list(
    connection: &Connection,
    kind: Kind,
    owner: Option<u64>,
    after: Option<Id>,
    limit: usize,
) -> Result<Vec<Stored>, StoreError> {
    let mut records = Vec::new();
    let limit = number::from_limit(limit);
    let passed = after.map(|id| id.owner());
    let text = after.map(|id| id.encode());
    let after = text.as_ref().map_or("", |id| id.as_str());
    match owner {
        Some(owner) if passed > Some(owner) => {}
        Some(owner) => {
            let after = if passed == Some(owner) { after } else { "" };
            of_owner(connection, kind, owner, after, limit, &mut records)?;
        }
        None => {
            let from = passed.map_or(i64::MIN, number::from_owner);
            select(connection, BY_ANY_OWNER, params![kind.code(), from, after, limit], kind, &mut records)?;
        }
    }
    Ok(records)
}

pub(crate) fn due(
    connection: &Connection,
    kind: Kind,
    owners: &RangeInclusive<i64>,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Stored>, StoreError> {
    let mut records = Vec::new();
    let now = number::from_time(now);
    let values = params![kind.code(), now, owners.start(), owners.end(), number::from_limit(limit)];
    select(connection, BY_DUE, values, kind, &mut records)?;
    Ok(records)
}

fn by_key(connection: &Connection, key: Key, found: &mut Vec<Stored>) -> Result<(), StoreError> {
    let Key { kind, id } = key;
    let text = id.encode();
    let values = params![kind.code(), text.as_str(), number::from_owner(id.owner())];
    select(connection, BY_KEY, values, kind, found)
}

fn of_owner(
    connection: &Connection,
    kind: Kind,
    owner: u64,
    after: &str,
    limit: i64,
    found: &mut Vec<Stored>,
) -> Result<(), StoreError> {
    let values = params![kind.code(), number::from_owner(owner), after, limit];
    select(connection, BY_OWNER, values, kind, found)
}

fn select(
    connection: &Connection,
    query: &str,
    values: impl Params,
    kind: Kind,
    found: &mut Vec<Stored>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(query).map_err(fault::of_read)?;
    let mut rows = statement.query(values).map_err(fault::of_read)?;
    while let Some(row) = rows.next().map_err(fault::of_read)? {
        found.push(row::decode(kind, row)?);
    }
    Ok(())
}
