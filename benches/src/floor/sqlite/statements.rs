use challenges_core::Timestamp;
use challenges_core::store::{Batch, Expect, Key, ListQuery, Load, OwnerTag, Stored, Then, Write};
use rusqlite::{Connection, OptionalExtension as _, Params, params};

use crate::trace::Step;

const INSERT: &str = "INSERT INTO records (kind, id, owner, version, due, expires, body) VALUES (?, ?, ?, ?, ?, ?, ?)";
const UPDATE_BODY: &str = "UPDATE records SET version = ?4, body = ?7
    WHERE kind = ?1 AND id = ?2 AND version = ?3 AND due IS ?5 AND expires IS ?6";
const UPDATE: &str = "UPDATE records SET version = ?4, due = ?5, expires = ?6, body = ?7
    WHERE kind = ?1 AND id = ?2 AND version = ?3";
const DELETE: &str = "DELETE FROM records WHERE kind = ? AND id = ? AND version = ?";
const VERSION: &str = "SELECT version FROM records WHERE kind = ? AND id = ?";
const GET: &str = "SELECT version, due, expires, body FROM records WHERE kind = ? AND id = ?";
const OF_OWNER: &str = "SELECT version, due, expires, body FROM records INDEXED BY records_by_owner
    WHERE kind = ? AND owner = ? ORDER BY id LIMIT ?";
const PURGE: &str = "DELETE FROM records WHERE (kind, id) IN
    (SELECT kind, id FROM records INDEXED BY records_by_expires WHERE expires < ? ORDER BY expires LIMIT ?)";

pub(super) fn begin(connection: &Connection) {
    connection.prepare_cached("BEGIN IMMEDIATE").unwrap().execute([]).unwrap();
}

pub(super) fn end(connection: &Connection) {
    connection.prepare_cached("COMMIT").unwrap().execute([]).unwrap();
}

pub(super) fn in_transaction(connection: &Connection, work: impl FnOnce()) {
    begin(connection);
    work();
    end(connection);
}

pub(super) fn fill(connection: &Connection, stored: &[Stored]) {
    in_transaction(connection, || stored.iter().for_each(|stored| assert_eq!(insert(connection, stored), 1)));
}

pub(super) fn take(connection: &Connection, step: &Step) {
    match step {
        Step::Load(request, _) => load(connection, request),
        Step::Commit(batch) => batch.writes().iter().for_each(|write| commit(connection, batch, write)),
        Step::List(ListQuery { kind, owner, limit, .. }, found) => {
            let limit = i64::try_from(*limit).unwrap();
            let values = params![kind.code(), owner.map(tag), limit];
            assert_eq!(read(connection, OF_OWNER, values), found.len());
        }
        Step::Purge(before, limit, found) => {
            let values = params![time(*before), i64::try_from(*limit).unwrap()];
            assert_eq!(execute(connection, PURGE, values), found.len());
        }
    }
}

fn load(connection: &Connection, request: &Load) {
    for Key { kind, id } in request.keys() {
        assert_eq!(read(connection, GET, params![kind.code(), id.encode().as_str()]), 1);
    }
    for kind in request.owned_kinds() {
        read(connection, OF_OWNER, params![kind.code(), tag(request.owner()), i64::MAX]);
    }
}

fn commit(connection: &Connection, batch: &Batch, Write { key, expect, then }: &Write) {
    let (kind, text) = (key.kind.code(), key.id.encode());
    let id = text.as_str();
    let changed = match (then, expect) {
        (Then::Put(record), Expect::Absent) => {
            insert(connection, &Stored { record: record.clone(), version: batch.version() })
        }
        (Then::Put(record), Expect::At(old)) => {
            let update = |statement| {
                let (version, old) = (batch.version(), old.as_bytes().as_slice());
                let (due, expires) = (record.due.map(time), record.expires.map(time));
                let version = version.as_bytes().as_slice();
                execute(connection, statement, params![kind, id, old, version, due, expires, &record.body[..]])
            };
            // With unchanged times, no index is touched.
            if update(UPDATE_BODY) == 1 { 1 } else { update(UPDATE) }
        }
        (Then::Delete, Expect::At(old)) => execute(connection, DELETE, params![kind, id, old.as_bytes().as_slice()]),
        (Then::Keep | Then::Delete, _) => {
            let mut select = connection.prepare_cached(VERSION).unwrap();
            let found: Option<Vec<u8>> = select.query_row(params![kind, id], |row| row.get(0)).optional().unwrap();
            assert_eq!(found.is_none(), *expect == Expect::Absent);
            1
        }
    };
    assert_eq!(changed, 1);
}

fn insert(connection: &Connection, Stored { record, version }: &Stored) -> usize {
    let Key { kind, id } = record.key;
    let (due, expires) = (record.due.map(time), record.expires.map(time));
    let (text, version) = (id.encode(), version.as_bytes().as_slice());
    let values = params![kind.code(), text.as_str(), tag(id.owner()), version, due, expires, &record.body[..]];
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
        let version: [u8; 16] = row.get(0).unwrap();
        let times: (Option<i64>, Option<i64>) = (row.get(1).unwrap(), row.get(2).unwrap());
        let body: Vec<u8> = row.get(3).unwrap();
        records.push((version, times, body));
    }
    std::hint::black_box(records).len()
}

/// Converts to a signed number with the same order, as in the store.
const fn signed(value: u64) -> i64 {
    (value ^ (1 << 63)).cast_signed()
}

const fn tag(owner: OwnerTag) -> i64 {
    signed(owner.value())
}

const fn time(time: Timestamp) -> i64 {
    signed(time.as_millis())
}
