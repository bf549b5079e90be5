use challenges_core::Timestamp;
use challenges_core::store::{Batch, Id, Key, Load, Stored, Write};
use rusqlite::{Connection, OptionalExtension as _, Params, params};

use crate::trace::Step;

/// Every key contains the owner, so one unique index serves look-ups by key and by owner.
pub(super) const SCHEMA: &str = "
    CREATE TABLE records (
        owner   INTEGER NOT NULL,
        kind    INTEGER NOT NULL,
        id      TEXT NOT NULL,
        version BLOB NOT NULL,
        due     INTEGER,
        expires INTEGER,
        body    BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX by_owner ON records (owner, kind, id);
    CREATE INDEX by_due ON records (kind, due) WHERE due IS NOT NULL;
    CREATE INDEX by_expires ON records (expires) WHERE expires IS NOT NULL;
";
const INSERT: &str = "INSERT INTO records (owner, kind, id, version, due, expires, body) VALUES (?, ?, ?, ?, ?, ?, ?)";
const UPDATE_BODY: &str = "UPDATE records SET version = ?5, body = ?8
    WHERE owner = ?1 AND kind = ?2 AND id = ?3 AND version = ?4 AND due IS ?6 AND expires IS ?7";
const UPDATE: &str = "UPDATE records SET version = ?5, due = ?6, expires = ?7, body = ?8
    WHERE owner = ?1 AND kind = ?2 AND id = ?3 AND version = ?4";
const DELETE: &str = "DELETE FROM records WHERE owner = ? AND kind = ? AND id = ? AND version = ?";
const VERSION: &str = "SELECT version FROM records WHERE owner = ? AND kind = ? AND id = ?";
const GET: &str = "SELECT id, version, due, expires, body FROM records WHERE owner = ? AND kind = ? AND id = ?";
const OF_OWNER: &str = "SELECT id, version, due, expires, body FROM records WHERE owner = ? AND kind = ?";
const LIST: &str =
    "SELECT id, version, due, expires, body FROM records WHERE owner = ? AND kind = ? ORDER BY id LIMIT ?";
const PURGE: &str = "DELETE FROM records WHERE rowid IN
    (SELECT rowid FROM records INDEXED BY by_expires WHERE expires < ? ORDER BY expires LIMIT ?)";

pub(super) fn in_transaction(connection: &Connection, work: impl FnOnce()) {
    connection.prepare_cached("BEGIN IMMEDIATE").unwrap().execute([]).unwrap();
    work();
    connection.prepare_cached("COMMIT").unwrap().execute([]).unwrap();
}

pub(super) fn fill(connection: &Connection, stored: &[Stored]) {
    in_transaction(connection, || insert_all(connection, stored));
}

pub(super) fn insert_all(connection: &Connection, stored: &[Stored]) {
    stored.iter().for_each(|stored| assert_eq!(insert(connection, stored), 1));
}

pub(super) fn take(connection: &Connection, step: &Step) {
    match step {
        Step::Load(request, _) => load(connection, request),
        Step::Commit(batch) => batch.writes().iter().for_each(|write| commit(connection, batch, write)),
        Step::List(kind, owner, limit, found) => {
            let limit = i64::try_from(*limit).unwrap();
            assert_eq!(read(connection, LIST, params![owner.map(tag), kind.code(), limit]), found.len());
        }
        Step::Purge(before, limit, found) => {
            let values = params![time(*before), i64::try_from(*limit).unwrap()];
            assert_eq!(execute(connection, PURGE, values), found.len());
        }
    }
}

fn load(connection: &Connection, request: &Load) {
    if let Some(Key { kind, id }) = request.requested_key() {
        assert_eq!(read(connection, GET, params![tag(id.owner()), kind.code(), rest(id)]), 1);
    }
    for kind in request.owned_kinds() {
        read(connection, OF_OWNER, params![tag(request.owner()), kind.code()]);
    }
}

fn commit(connection: &Connection, batch: &Batch, write: &Write) {
    let key = write.key();
    let (owner, kind, id) = (tag(key.id.owner()), key.kind.code(), rest(key.id));
    let changed = match write {
        Write::Put { expected: None, record } => {
            insert(connection, &Stored { record: record.clone(), version: batch.version() })
        }
        Write::Put { expected: Some(old), record } => {
            let update = |statement| {
                let (version, old) = (batch.version(), old.as_slice());
                let (due, expires) = (record.due.map(time), record.expires.map(time));
                let version = version.as_slice();
                execute(connection, statement, params![owner, kind, id, old, version, due, expires, &record.body[..]])
            };
            // With unchanged times, no index is touched.
            if update(UPDATE_BODY) == 1 { 1 } else { update(UPDATE) }
        }
        Write::Delete { version: old, .. } => execute(connection, DELETE, params![owner, kind, id, old.as_slice()]),
        Write::Keep { expected, .. } => {
            let mut select = connection.prepare_cached(VERSION).unwrap();
            let values = params![owner, kind, id];
            let found: Option<[u8; 16]> = select.query_row(values, |row| row.get(0)).optional().unwrap();
            assert_eq!(found, *expected);
            1
        }
    };
    assert_eq!(changed, 1);
}

fn insert(connection: &Connection, Stored { record, version }: &Stored) -> usize {
    let Key { kind, id } = record.key;
    let (due, expires) = (record.due.map(time), record.expires.map(time));
    let version = version.as_slice();
    let values = params![tag(id.owner()), kind.code(), rest(id), version, due, expires, &record.body[..]];
    execute(connection, INSERT, values)
}

fn execute(connection: &Connection, statement: &str, values: impl Params) -> usize {
    connection.prepare_cached(statement).unwrap().execute(values).unwrap()
}

fn read(connection: &Connection, query: &str, values: impl Params) -> usize {
    let mut statement = connection.prepare_cached(query).unwrap();
    let mut rows = statement.query(values).unwrap();
    let mut records = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let (id, version): (String, [u8; 16]) = (row.get(0).unwrap(), row.get(1).unwrap());
        let times: (Option<i64>, Option<i64>) = (row.get(2).unwrap(), row.get(3).unwrap());
        let body: Vec<u8> = row.get(4).unwrap();
        records.push((id, version, times, body));
    }
    std::hint::black_box(records).len()
}

/// Returns an id without the owner, which has a column of its own.
fn rest(id: Id) -> String {
    let text = id.encode();
    let (time, owner_and_rest) = text.as_str().split_at(7);
    format!("{time}{}", &owner_and_rest[11..])
}

/// Converts to a signed number with the same order, as in the store.
const fn signed(value: u64) -> i64 {
    (value ^ (1 << 63)).cast_signed()
}

const fn tag(owner: u64) -> i64 {
    signed(owner)
}

const fn time(time: Timestamp) -> i64 {
    signed(time.as_millis())
}
