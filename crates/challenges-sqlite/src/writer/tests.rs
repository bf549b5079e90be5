#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use challenges_core::store::{Id, Key, Kind, Record, Write};
use futures::executor::block_on;

use super::*;
use crate::place::Place;
use crate::schema;

fn connection() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    schema::migrate(&mut connection, Path::new("in memory")).unwrap();
    connection
}

/// A file that stays in place, for connections to memory.
fn place() -> Place {
    Place::of(&std::env::current_exe().unwrap()).unwrap()
}

fn create(number: u64, body: usize) -> Batch {
    let id = Id::new(Timestamp::from_millis(number), number, number.into());
    let record = Record { key: Key::new(Kind::Challenge, id), due: None, expires: None, body: vec![b'x'; body].into() };
    Batch::new([1; 16], vec![Write::create(record)]).unwrap()
}

/// Runs the batches in a single group.
fn group(connection: &Connection, batches: impl IntoIterator<Item = Batch>) -> Vec<Result<Commit, StoreError>> {
    let (jobs, answers): (Vec<_>, Vec<_>) = batches
        .into_iter()
        .map(|batch| {
            let (reply, answer) = oneshot::channel();
            (Job::Commit(batch, reply), answer)
        })
        .unzip();
    process(connection, &place(), jobs);
    answers.into_iter().map(|answer| block_on(answer).unwrap()).collect()
}

fn records(connection: &Connection) -> i64 {
    connection.query_row("SELECT count(*) FROM records", [], |row| row.get(0)).unwrap()
}

/// R57: the outcome is unknown to every batch of the group.
#[test]
fn failed_commit_is_unknown_to_whole_group() {
    let mut connection = connection();
    let fail = Arc::new(AtomicBool::new(true));
    let hook = Arc::clone(&fail);
    connection.commit_hook(Some(move || hook.load(Ordering::SeqCst))).unwrap();
    let answers = group(&connection, [create(1, 1), create(2, 1), create(1, 1)]);
    for answer in answers {
        assert!(matches!(answer, Err(StoreError::OutcomeUnknown(_))), "{answer:?}");
    }
    fail.store(false, Ordering::SeqCst);
    let answers = group(&connection, [create(1, 1), create(2, 1), create(1, 1)]);
    let commits: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(commits, [Commit::Applied, Commit::Applied, Commit::Conflict]);
}

/// R57: the other batches of the group are applied.
#[test]
fn failing_batch_fails_no_other() {
    let connection = connection();
    connection.pragma_update(None, "max_page_count", 20).unwrap();
    let answers = group(&connection, [create(1, 10), create(2, 1 << 20), create(3, 10)]);
    assert!(matches!(answers.as_slice(), [Ok(Commit::Applied), Err(StoreError::Full(Some(_))), Ok(Commit::Applied)]));
    assert_eq!(records(&connection), 2);
}

#[test]
fn conflicting_batch_affects_no_other() {
    let connection = connection();
    let answers = group(&connection, [create(1, 1), create(1, 2), create(2, 1)]);
    let commits: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(commits, [Commit::Applied, Commit::Conflict, Commit::Applied]);
    assert_eq!(records(&connection), 2);
}

#[test]
fn open_transaction_is_rolled_back_first() {
    let connection = connection();
    connection.execute_batch("BEGIN; DELETE FROM records").unwrap();
    assert!(matches!(group(&connection, [create(1, 1)]).as_slice(), [Ok(Commit::Applied)]));
}

#[test]
fn batch_is_applied_after_caller_stops_waiting() {
    let connection = connection();
    let (reply, answer) = oneshot::channel();
    drop(answer);
    process(&connection, &place(), vec![Job::Commit(create(1, 1), reply)]);
    assert_eq!(records(&connection), 1);
}

#[test]
fn full_queue_refuses_batches() {
    let (jobs, _waiting) = sync_channel(1);
    let writer = Writer { jobs: Some(jobs), thread: None, process: std::process::id() };
    let mut first = Box::pin(writer.commit(create(1, 1)));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(first.as_mut().poll(&mut context).is_pending());
    assert!(matches!(block_on(writer.commit(create(2, 1))), Err(StoreError::Unavailable(_))));
}

#[test]
fn outcome_is_unknown_when_writer_ends_without_reply() {
    let (jobs, waiting) = sync_channel(1);
    let writer = Writer { jobs: Some(jobs), thread: None, process: std::process::id() };
    let mut commit = Box::pin(writer.commit(create(1, 1)));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(commit.as_mut().poll(&mut context).is_pending());
    drop(waiting);
    assert!(matches!(block_on(commit), Err(StoreError::OutcomeUnknown(_))));
    assert!(matches!(block_on(writer.commit(create(2, 1))), Err(StoreError::Unavailable(_))));
}

/// Simulates a fork by changing the process id, because a multi-threaded test cannot fork soundly.
#[test]
fn forked_process_is_refused_without_waiting() {
    let mut writer = Writer::start(connection(), Arc::new(place()), 8, Arc::default()).unwrap();
    assert_eq!(
        block_on(writer.commit(create(1, 1))).unwrap(),
        Commit::Applied,
        "control: the original process may commit"
    );
    writer.process ^= 1;
    let refused = block_on(writer.commit(create(2, 1))).unwrap_err();
    assert!(
        matches!(&refused, StoreError::Unavailable(cause) if cause.to_string().contains("open the store in this process")),
        "{refused:?}"
    );
    let (jobs, _nobody) = sync_channel(1);
    writer.jobs = Some(jobs);
    writer.thread = Some(std::thread::spawn(|| std::thread::sleep(std::time::Duration::MAX)));
    drop(writer);
}

/// A sweep of many records never holds the writer for long: a slice out of time ends, and says that more is left.
#[test]
fn purge_ends_slice_out_of_time() {
    let connection = connection();
    let expiring = (1..=3).map(|number| {
        let id = Id::new(Timestamp::from_millis(number), number, number.into());
        let expires = Some(Timestamp::from_millis(1));
        let record = Record { key: Key::new(Kind::Challenge, id), due: None, expires, body: "x".into() };
        Batch::new([1; 16], vec![Write::create(record)]).unwrap()
    });
    group(&connection, expiring.collect::<Vec<_>>());
    let purge = |slice| write::purge(&connection, &(i64::MIN..=i64::MAX), Timestamp::MAX, 9, slice).unwrap();
    assert_eq!(purge(std::time::Duration::ZERO), (1, true));
    assert_eq!(purge(std::time::Duration::MAX), (2, false), "control: with time, all are deleted at once");
}
