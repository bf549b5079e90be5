#![allow(clippy::unwrap_used)]

use futures::executor::block_on;
use tempfile::TempDir;

use super::*;

/// A database with a log of more than [`LONG_LOG`] pages, which no commit checkpoints.
fn long_log() -> (TempDir, Connection, Checkpoints) {
    let files = TempDir::new().unwrap();
    let path = files.path().join("log.sqlite");
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE log (body)").unwrap();
    let place = Arc::new(Place::of(&path).unwrap());
    let checkpoints = Checkpoints::start(Connection::open(&path).unwrap(), place).unwrap();
    writer.execute("INSERT INTO log VALUES (zeroblob(?1))", [LONG_LOG * 4_096]).unwrap();
    (files, writer, checkpoints)
}

/// Commits, and returns how often the log was started from the beginning, from the header of the log.
fn commit((files, writer, _): &(TempDir, Connection, Checkpoints)) -> u32 {
    writer.execute("INSERT INTO log VALUES (1)", []).unwrap();
    let log = std::fs::read(files.path().join("log.sqlite-wal")).unwrap();
    u32::from_be_bytes(log.get(12..16).unwrap().try_into().unwrap())
}

#[test]
fn log_starts_again_after_catching_up() {
    let long = long_log();
    assert_eq!(commit(&long), 0, "control: the log goes on");
    block_on(long.2.catch_up());
    assert_eq!(commit(&long), 1);
}

#[test]
fn only_a_long_log_makes_a_purge_wait() {
    let long = long_log();
    let checkpoints = &long.2;
    block_on(checkpoints.catch_up_if_long());
    assert_eq!(commit(&long), 0, "control: the length is unknown before the first checkpoint");
    checkpoints.count(INTERVAL);
    while checkpoints.log.length.load(Ordering::Relaxed) == 0 {
        std::thread::yield_now();
    }
    assert_eq!(commit(&long), 1);
    block_on(checkpoints.catch_up_if_long());
    assert_eq!(checkpoints.log.length.load(Ordering::Relaxed), 0);
}

#[test]
fn nobody_waits_for_a_thread_that_ended() {
    let (_files, _writer, mut checkpoints) = long_log();
    checkpoints.tasks = Some(channel().0);
    block_on(checkpoints.catch_up());
}
