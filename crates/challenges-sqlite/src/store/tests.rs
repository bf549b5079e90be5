#![allow(clippy::unwrap_used)]

use challenges_core::store::{Key, Record, Write};
use futures::executor::block_on;

use super::*;

const OWNER: u64 = 7;

/// On the write connection alone, an empty table stands in for the records.
const SHADOW: &str = "CREATE TEMP TABLE records (kind, id, owner, version, due, expires, body);
    CREATE INDEX temp.records_by_owner ON records (kind, owner, id);";

/// Only loads of few records run on the write connection, where a long load would keep all others from committing.
#[test]
fn long_loads_leave_the_write_connection() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path().join("store.db")).unwrap();
    let id = |kind: Kind| Id::new(Timestamp::from_millis(1), OWNER, kind.code().into());
    let put = |kind| Record { key: Key::new(kind, id(kind)), due: None, expires: None, body: "{}".into() };
    let writes = Kind::ALL.into_iter().map(|kind| Write::create(put(kind))).collect();
    let committed = block_on(store.commit(Batch::new([1; 16], writes).unwrap())).unwrap();
    assert_eq!(committed, Commit::Applied);
    // The writer may still hold the connection, because it replies before it waits for the next commit.
    let writer = loop {
        match store.0.writer.idle_connection() {
            Some(connection) => break connection,
            None => std::thread::yield_now(),
        }
    };
    writer.execute_batch(SHADOW).unwrap();
    drop(writer);
    let is_read_elsewhere =
        |kinds: &[Kind]| !block_on(store.load(&Load::of(OWNER).with_owned(kinds))).unwrap().is_empty();
    for kind in Kind::ALL {
        let is_long =
            matches!(kind, Kind::Challenge | Kind::Reservation | Kind::Outbox | Kind::DeadLetter | Kind::ActionResult);
        assert_eq!(is_read_elsewhere(&[kind]), is_long, "{kind:?}");
        assert_eq!(is_read_elsewhere(&[Kind::Counters, kind]), is_long, "{kind:?} beside the counters");
    }
    assert!(is_read_elsewhere(&Kind::ALL));
}
