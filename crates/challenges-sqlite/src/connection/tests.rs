#![allow(clippy::unwrap_used)]

use super::*;

/// Asks SQLite for the `synchronous` level and the journal mode of the write connection.
fn durability(options: &SqliteOptions) -> (i64, String) {
    let directory = tempfile::tempdir().unwrap();
    let (connection, _place) = writer(&directory.path().join("a.sqlite"), options, &Arc::default()).unwrap();
    let level = connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
    (level, connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap())
}

/// R57: commits are synced to disk before they are acknowledged, unless the host opts out.
#[test]
fn commits_are_synced_by_default() {
    assert_eq!(durability(&SqliteOptions::new()), (2, "wal".to_owned()));
    // Control: the pragma shows the weaker option.
    assert_eq!(durability(&SqliteOptions::new().synchronous(Synchronous::Normal)), (1, "wal".to_owned()));
}
