//! The schema, its versions, and whose file a file is.
//!
//! Owner tags and times are unsigned numbers of 64 bits; the columns hold them less 2^63, in the same order.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::OpenError;

/// Says in the file's header that it is ours: "Chal".
const APPLICATION_ID: i64 = 0x4368_616C;

/// Number n makes schema n + 1 of schema n. What was released never changes.
///
/// In the second a record is a row with a rowid, not one of a `WITHOUT ROWID` table: those keep whole rows in the inner pages
/// of their tree, some eight to a page, so that with a million records every look-up reads pages that are not in cache.
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
        body    BLOB NOT NULL,
        PRIMARY KEY (kind, id)
    ) STRICT;
    INSERT INTO records SELECT kind, id, owner, version, due, expires, body FROM records_without_rowid;
    DROP TABLE records_without_rowid;
    CREATE INDEX records_by_owner ON records (kind, owner, id);
    CREATE INDEX records_by_due ON records (kind, due, id, owner) WHERE due IS NOT NULL;
    CREATE INDEX records_by_expires ON records (expires, owner) WHERE expires IS NOT NULL;
",
];

/// The schema of this release.
const LATEST: i64 = MIGRATIONS.len() as i64;

/// Checks that the file is empty or ours, and not of a later release. Answers its schema; 0 where it has none.
pub(crate) fn check(connection: &Connection, path: &Path) -> Result<i64, OpenError> {
    // One statement, so that another process that migrates the file is seen before or after, not between.
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

/// Brings the schema up to date, in one transaction that keeps other processes out.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let of = |error| OpenError::of(path, error);
    if check(connection, path)? == LATEST {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(of)?;
    // Another process may have migrated it while this one waited.
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
