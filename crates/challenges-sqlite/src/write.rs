use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use challenges_core::Timestamp;
use challenges_core::store::{Batch, Commit, Id, Key, Record, Write};
use rusqlite::{Connection, OptionalExtension, Result, params};

use crate::number;

pub(crate) const VERSION: &str = "SELECT version FROM records WHERE kind = ?1 AND id = ?2 AND owner = ?3";
pub(crate) const INSERT: &str = "INSERT INTO records (kind, id, owner, version, due, expires, body)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
/// Updates the body alone. Most updates keep the times, and this statement then touches no index.
pub(crate) const UPDATE_BODY: &str = "UPDATE records SET version = ?4, body = ?7
    WHERE kind = ?1 AND id = ?2 AND owner = ?3 AND version = ?8 AND due IS ?5 AND expires IS ?6";
pub(crate) const UPDATE: &str = "UPDATE records SET version = ?4, due = ?5, expires = ?6, body = ?7
    WHERE kind = ?1 AND id = ?2 AND owner = ?3 AND version = ?8";
pub(crate) const DELETE: &str = "DELETE FROM records WHERE kind = ?1 AND id = ?2 AND owner = ?3 AND version = ?4";
pub(crate) const EXPIRED: &str = "SELECT rowid FROM records INDEXED BY records_by_expires
    WHERE expires < ?1 AND owner BETWEEN ?2 AND ?3 ORDER BY expires LIMIT ?4";
pub(crate) const PURGE: &str = "DELETE FROM records WHERE rowid = ?1";

/// Applies a batch within the open transaction, or writes nothing.
///
/// The first change checks its expectation in its own statement, after all other expectations were checked. A batch of
/// a single write is therefore a single statement, and a conflict has nothing to roll back. Later changes cannot
/// conflict, because no other connection writes during the transaction.
pub(crate) fn apply(connection: &Connection, batch: &Batch) -> Result<Commit> {
    let changes = |write: &&Write| !matches!(write, Write::Keep { .. });
    let first = batch.writes().iter().find(changes);
    for write in batch.writes() {
        if first.is_none_or(|first| first.key() != write.key()) && !holds(connection, write)? {
            return Ok(Commit::Conflict);
        }
    }
    let Some(first) = first else { return Ok(Commit::Applied) };
    if !change(connection, batch.version(), first)? {
        return Ok(Commit::Conflict);
    }
    for write in batch.writes().iter().filter(changes) {
        if write.key() != first.key() && !change(connection, batch.version(), write)? {
            // Unreachable, since the expectation was checked above; the error rolls the transaction back.
            return Err(rusqlite::Error::StatementChangedRows(0));
        }
    }
    Ok(Commit::Applied)
}

/// The time of a slice of a purge, without the commit. With cold pages, a thousand records take 130 milliseconds.
pub(crate) const SLICE: Duration = Duration::from_millis(3);

/// Deletes at most `limit` records that expired before `before`, for about `slice`, but at least one.
///
/// Returns the number deleted, and whether more may be left within the limit.
pub(crate) fn purge(
    connection: &Connection,
    owners: &RangeInclusive<i64>,
    before: Timestamp,
    limit: usize,
    slice: Duration,
) -> Result<(usize, bool)> {
    let start = Instant::now();
    let mut select = connection.prepare_cached(EXPIRED)?;
    let values = params![number::from_time(before), owners.start(), owners.end(), number::from_limit(limit)];
    let rows: Vec<i64> = select.query_map(values, |row| row.get(0))?.collect::<Result<_>>()?;
    let mut delete = connection.prepare_cached(PURGE)?;
    let mut deleted = 0;
    let mut is_cut = false;
    for row in &rows {
        if deleted > 0 && start.elapsed() >= slice {
            is_cut = true;
            break;
        }
        deleted += delete.execute([row])?;
    }
    Ok((deleted, is_cut || rows.len() >= limit))
}

fn holds(connection: &Connection, write: &Write) -> Result<bool> {
    let (Key { kind, id }, expected) = (write.key(), write.expected());
    let mut select = connection.prepare_cached(VERSION)?;
    let matches = |row: &rusqlite::Row<'_>| {
        let found = row.get_ref(0)?;
        Ok(matches!(expected, Some(version) if found.as_blob() == Ok(version.as_slice())))
    };
    let found = select.query_row(params![kind.code(), id.encode().as_str(), owner(id)], matches).optional()?;
    Ok(found.unwrap_or(expected.is_none()))
}

/// Makes a single change and returns true, if its expectation holds.
fn change(connection: &Connection, version: [u8; 16], write: &Write) -> Result<bool> {
    match write {
        Write::Put { expected: None, record } => insert(connection, version, record),
        Write::Put { expected: Some(old), record } => Ok(update(connection, UPDATE_BODY, *old, version, record)?
            || update(connection, UPDATE, *old, version, record)?),
        Write::Delete { key: Key { kind, id }, version: old } => {
            let mut delete = connection.prepare_cached(DELETE)?;
            Ok(delete.execute(params![kind.code(), id.encode().as_str(), owner(*id), old.as_slice()])? == 1)
        }
        Write::Keep { .. } => holds(connection, write),
    }
}

fn insert(connection: &Connection, version: [u8; 16], record: &Record) -> Result<bool> {
    let Key { kind, id } = record.key;
    let changed = connection.prepare_cached(INSERT)?.execute(params![
        kind.code(),
        id.encode().as_str(),
        owner(id),
        version.as_slice(),
        record.due.map(number::from_time),
        record.expires.map(number::from_time),
        record.body.as_ref(),
    ])?;
    Ok(changed == 1)
}

fn update(connection: &Connection, statement: &str, old: [u8; 16], version: [u8; 16], record: &Record) -> Result<bool> {
    let Key { kind, id } = record.key;
    let changed = connection.prepare_cached(statement)?.execute(params![
        kind.code(),
        id.encode().as_str(),
        owner(id),
        version.as_slice(),
        record.due.map(number::from_time),
        record.expires.map(number::from_time),
        record.body.as_ref(),
        old.as_slice(),
    ])?;
    Ok(changed == 1)
}

fn owner(id: Id) -> i64 {
    number::from_owner(id.owner())
}
