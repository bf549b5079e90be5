#![allow(clippy::unwrap_used)]

use rusqlite::Connection;

use super::*;
use crate::{read, write};

fn migrated() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate(&mut connection, Path::new("in memory")).unwrap();
    connection
}

fn plan(connection: &Connection, query: &str) -> String {
    let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
    for index in 1..=explain.parameter_count() {
        explain.raw_bind_parameter(index, 1).unwrap();
    }
    let mut rows = explain.raw_query();
    let mut plan = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        plan.push(row.get::<_, String>(3).unwrap());
    }
    plan.join("; ")
}

#[test]
fn statements_use_an_index_and_never_sort() {
    let connection = migrated();
    for (query, index) in [
        (read::BY_KEY, "INDEX records_by_owner (kind=? AND owner=? AND id=?)"),
        (read::BY_OWNER, "INDEX records_by_owner (kind=? AND owner=? AND id>?)"),
        (read::BY_ANY_OWNER, "INDEX records_by_owner (kind=? AND (owner,id)>(?,?))"),
        (read::BY_DUE, "INDEX records_by_due (kind=? AND due<?)"),
        (write::EXPIRED, "COVERING INDEX records_by_expires (expires<?)"),
        (write::VERSION, "INDEX records_by_owner (kind=? AND owner=? AND id=?)"),
        (write::UPDATE_BODY, "INDEX records_by_owner (kind=? AND owner=? AND id=?)"),
        (write::UPDATE, "INDEX records_by_owner (kind=? AND owner=? AND id=?)"),
        (write::DELETE, "INDEX records_by_owner (kind=? AND owner=? AND id=?)"),
        (write::PURGE, "INTEGER PRIMARY KEY (rowid=?)"),
    ] {
        let plan = plan(&connection, query);
        assert!(plan.contains(index), "{query}: {plan}");
        assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN"), "{query}: {plan}");
    }
}

#[test]
fn migrating_twice_succeeds() {
    let mut connection = migrated();
    assert_eq!(check(&connection, Path::new("in memory")).unwrap(), LATEST);
    migrate(&mut connection, Path::new("in memory")).unwrap();
}

#[test]
fn migration_from_schema_1_keeps_records() {
    let mut connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(MIGRATIONS.first().unwrap()).unwrap();
    connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    connection.execute("INSERT INTO records VALUES (1, 'one', 2, x'03', NULL, 4, x'05')", []).unwrap();
    connection.execute("INSERT INTO records VALUES (1, 'two', 2, x'06', 7, NULL, x'08')", []).unwrap();
    migrate(&mut connection, Path::new("in memory")).unwrap();
    let bodies = |connection: &Connection| -> Vec<Vec<u8>> {
        let mut select = connection.prepare("SELECT body FROM records ORDER BY id").unwrap();
        select.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(bodies(&connection), [[5], [8]]);
    let everyone = i64::MIN..=i64::MAX;
    let purged = write::purge(&connection, &everyone, challenges_core::Timestamp::MAX, 9, write::SLICE);
    assert_eq!(purged.unwrap(), (1, false));
    assert_eq!(bodies(&connection), [[8]]);
}

#[test]
fn failed_migration_is_rolled_back() {
    let mut connection = Connection::open_in_memory().unwrap();
    connection.pragma_update(None, "max_page_count", 2).unwrap();
    let full = migrate(&mut connection, Path::new("in memory"));
    assert!(matches!(full, Err(OpenError::Full(_))), "{full:?}");
    assert_eq!(check(&connection, Path::new("in memory")).unwrap(), 0);
}
