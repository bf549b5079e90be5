#![allow(clippy::unwrap_used)]

use super::*;

/// What SQLite itself says of the connection that writes: the level of `synchronous`, and the journal.
fn durability(options: &SqliteOptions) -> (i64, String) {
    let directory = tempfile::tempdir().unwrap();
    let connection = writer(&directory.path().join("a.sqlite"), options, &Arc::default()).unwrap();
    let level = connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
    (level, connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap())
}

#[test]
fn r57_a_commit_is_on_the_disk_before_it_is_acknowledged_unless_the_host_wants_otherwise() {
    assert_eq!(durability(&SqliteOptions::new()), (2, "wal".to_owned()));
    // The control: the question does see a difference.
    assert_eq!(durability(&SqliteOptions::new().synchronous(Synchronous::Normal)), (1, "wal".to_owned()));
}
