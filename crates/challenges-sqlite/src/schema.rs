//! The schema, its migrations, and the check that a file is ours.
//!
//! Owner tags and times are unsigned 64-bit numbers, stored minus 2^63, which keeps the order.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::OpenError;

/// An object of the schema that differs from this release.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Drift {
    /// A table or index is missing.
    Missing(String),
    /// A table or index has another definition.
    Changed(String),
    /// A trigger or index on the records that this release does not have, or a table with a foreign key to the records.
    /// Each can copy, change, refuse or restore records.
    Foreign(String),
}

/// Marks the file as ours in the SQLite header: "Chal" in ASCII.
const APPLICATION_ID: i64 = 0x4368_616C;

/// Migrations: entry n turns schema n into schema n + 1. Released entries never change.
///
/// The second entry gives up `WITHOUT ROWID`. Such a table stores whole rows in inner pages, about eight a page, so
/// that with a million records every look-up misses the page cache.
///
/// The key of a record is in a single index. Every id contains the owner, so the index by owner serves look-ups by key
/// too, and a write changes one page fewer for each record.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE records (
        kind    INTEGER NOT NULL,
        id      TEXT NOT NULL,
        owner   INTEGER NOT NULL,
        version BLOB NOT NULL,
        due     INTEGER,
        expires INTEGER,
        body    BLOB NOT NULL,
        PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX records_by_owner ON records (kind, owner, id);
    CREATE INDEX records_by_due ON records (kind, due, id, owner) WHERE due IS NOT NULL;
    CREATE INDEX records_by_expires ON records (expires, owner) WHERE expires IS NOT NULL;
",
    "
    ALTER TABLE records RENAME TO records_without_rowid;
    CREATE TABLE records (
        kind    INTEGER NOT NULL,
        id      TEXT NOT NULL,
        owner   INTEGER NOT NULL,
        version BLOB NOT NULL,
        due     INTEGER,
        expires INTEGER,
        body    BLOB NOT NULL
    ) STRICT;
    INSERT INTO records SELECT kind, id, owner, version, due, expires, body FROM records_without_rowid;
    DROP TABLE records_without_rowid;
    CREATE UNIQUE INDEX records_by_owner ON records (kind, owner, id);
    CREATE INDEX records_by_due ON records (kind, due, id, owner) WHERE due IS NOT NULL;
    CREATE INDEX records_by_expires ON records (expires, owner) WHERE expires IS NOT NULL;
",
];

/// The schema version of this release.
const LATEST: i64 = MIGRATIONS.len() as i64;

/// Returns the schema version of the file, or 0 for an empty file. Refuses foreign files and later versions.
pub(crate) fn check(connection: &Connection, path: &Path) -> Result<i64, OpenError> {
    // A single statement, so that a concurrent migration is seen as a whole or not at all.
    let query =
        "SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version),
                        (SELECT count(*) FROM sqlite_schema)";
    let columns = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let header = connection.query_row(query, [], columns).map_err(|error| OpenError::of(path, error))?;
    let (application, version, tables): (i64, i64, i64) = header;
    match (application, version, tables) {
        (0, 0, 0) => Ok(0),
        (APPLICATION_ID, known @ 0..=LATEST, _) => Ok(known),
        (APPLICATION_ID, found, _) => Err(OpenError::NewerSchema { found, supported: LATEST }),
        _ => Err(OpenError::Foreign(path.to_owned())),
    }
}

/// Refuses a schema other than [`LATEST`], unless open may migrate.
pub(crate) const fn refuse_pending(found: i64, may_migrate: bool) -> Result<(), OpenError> {
    if may_migrate || found == LATEST { Ok(()) } else { Err(OpenError::NotMigrated { found, needed: LATEST }) }
}

/// Returns the SQL that creates the schema in an empty file.
pub(crate) fn sql() -> String {
    let migrations = MIGRATIONS.concat();
    format!(
        "BEGIN IMMEDIATE;{migrations}PRAGMA application_id = {APPLICATION_ID};\nPRAGMA user_version = {LATEST};\nCOMMIT;\n"
    )
}

/// Compares the table of records, its indices and triggers with those of this release, and finds foreign keys to the
/// records. Everything else is ignored.
pub(crate) fn drift(connection: &Connection) -> rusqlite::Result<Vec<Drift>> {
    let mut found = objects(connection)?;
    let expected = Connection::open_in_memory()?;
    for migration in MIGRATIONS {
        expected.execute_batch(migration)?;
    }
    let expected = objects(&expected)?;
    let compare = |(object, definition): (String, String)| match found.remove(&object) {
        None => Some(Drift::Missing(object)),
        Some(found) if found != definition => Some(Drift::Changed(object)),
        Some(_) => None,
    };
    let mut drift: Vec<_> = expected.into_iter().filter_map(compare).collect();
    drift.extend(found.into_keys().map(Drift::Foreign));
    Ok(drift)
}

/// Returns the table `records`, its indices and triggers, and the tables with a foreign key to it, each by name with the
/// statement that created it.
fn objects(connection: &Connection) -> rusqlite::Result<BTreeMap<String, String>> {
    // A foreign key with an action fires triggers of its own table when a record is deleted or changed. SQLite ignores the
    // case of every column of its schema.
    let query = "SELECT type || ' ' || name, sql FROM sqlite_schema o
                 WHERE sql IS NOT NULL AND (tbl_name = 'records' COLLATE NOCASE OR type = 'table' COLLATE NOCASE AND EXISTS
                     (SELECT 1 FROM pragma_foreign_key_list(o.name) k WHERE k.\"table\" = 'records' COLLATE NOCASE))";
    let mut statement = connection.prepare(query)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Migrates the schema to [`LATEST`] in one exclusive transaction.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let of = |error| OpenError::of(path, error);
    if check(connection, path)? == LATEST {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(of)?;
    // Another process may have migrated the file while this process waited.
    let known = check(&transaction, path)?;
    for (_, migration) in (0..).zip(MIGRATIONS).filter(|(number, _)| *number >= known) {
        transaction.execute_batch(migration).map_err(of)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(of)?;
    transaction.pragma_update(None, "user_version", LATEST).map_err(of)?;
    transaction.commit().map_err(of)
}

#[cfg(test)]
mod tests;
