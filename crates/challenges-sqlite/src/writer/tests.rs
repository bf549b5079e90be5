#![allow(clippy::unwrap_used)]

use std::cell::Cell;
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

/// A writer with room for one job, and nobody who runs it.
fn without_thread() -> (Writer, Receiver<Job>) {
    let (jobs, waiting) = sync_channel(1);
    let (connection, place) = (Mutex::new(connection()), Arc::new(place()));
    let (counters, waiting_jobs) = (Arc::default(), AtomicUsize::new(0));
    let shared = Shared { checkpoints: None, connection, place, counters, waiting: waiting_jobs };
    let (jobs, process) = (Some(jobs), std::process::id());
    (Writer { shared: Arc::new(shared), block: None, timeout: Duration::ZERO, jobs, thread: None, process }, waiting)
}

#[test]
fn full_queue_refuses_batches() {
    let (writer, _waiting) = without_thread();
    let mut first = Box::pin(writer.commit(create(1, 1)));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(first.as_mut().poll(&mut context).is_pending());
    assert!(matches!(block_on(writer.commit(create(2, 1))), Err(StoreError::Unavailable(_))));
}

#[test]
fn outcome_is_unknown_when_writer_ends_without_reply() {
    let (writer, waiting) = without_thread();
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
    for block in [None, Some((|commit| commit()) as Block)] {
        forked_writer_refuses(block);
    }
}

fn forked_writer_refuses(block: Option<Block>) {
    let mut writer =
        Writer::start(connection(), None, Arc::new(place()), 8, block, Duration::ZERO, Arc::default()).unwrap();
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

thread_local! {
    static IN_PLACE: Cell<u32> = const { Cell::new(0) };
}

fn counting(commit: &mut dyn FnMut()) {
    IN_PLACE.set(IN_PLACE.get() + 1);
    commit();
}

#[test]
fn commit_in_place_needs_an_idle_writer() {
    IN_PLACE.set(0);
    let writer =
        Writer::start(connection(), None, Arc::new(place()), 8, Some(counting), Duration::ZERO, Arc::default())
            .unwrap();
    assert_eq!(block_on(writer.commit(create(1, 1))).unwrap(), Commit::Applied);
    assert_eq!(block_on(writer.commit(create(1, 1))).unwrap(), Commit::Conflict);
    assert_eq!(IN_PLACE.get(), 2);

    let busy = writer.shared.connection();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut second = Box::pin(writer.commit(create(2, 1)));
    assert!(second.as_mut().poll(&mut context).is_pending(), "another thread commits");
    drop(busy);
    assert_eq!(block_on(second).unwrap(), Commit::Applied);
    assert_eq!(IN_PLACE.get(), 2);
    assert_eq!(records(&writer.shared.connection()), 2);
}

/// While another process writes, the thread waits, and not the caller's.
#[test]
fn commit_in_place_waits_for_no_other_process() {
    static WAITED: AtomicBool = AtomicBool::new(false);
    IN_PLACE.set(0);
    let files = tempfile::TempDir::new().unwrap();
    let path = files.path().join("busy.sqlite");
    let mut connection = Connection::open(&path).unwrap();
    schema::migrate(&mut connection, &path).unwrap();
    let hour = Duration::from_secs(3_600);
    connection
        .busy_handler(Some(|_| {
            WAITED.store(true, Ordering::SeqCst);
            false
        }))
        .unwrap();
    let writer = Writer::start(connection, None, Arc::new(place()), 8, Some(counting), hour, Arc::default()).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut commit = Box::pin(writer.commit(create(1, 1)));
    assert!(commit.as_mut().poll(&mut context).is_pending());
    assert_eq!(IN_PLACE.get(), 1);
    assert!(!WAITED.load(Ordering::SeqCst));
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(block_on(commit).unwrap(), Commit::Applied, "the thread waited");
}

#[test]
fn waiting_commits_go_first() {
    IN_PLACE.set(0);
    let (mut writer, waiting) = without_thread();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(Box::pin(writer.commit(create(1, 1))).as_mut().poll(&mut context).is_pending());
    writer.block = Some(counting);
    assert!(matches!(block_on(writer.commit(create(2, 1))), Err(StoreError::Unavailable(_))), "the queue is full");
    assert_eq!(IN_PLACE.get(), 0);

    drop(writer.jobs.take());
    run(&writer.shared, &waiting);
    assert_eq!(block_on(writer.commit(create(2, 1))).unwrap(), Commit::Applied, "control: nothing waits");
    assert_eq!(IN_PLACE.get(), 1);
}

#[test]
fn commit_survives_a_function_that_does_nothing() {
    let writer =
        Writer::start(connection(), None, Arc::new(place()), 8, Some(|_| ()), Duration::ZERO, Arc::default()).unwrap();
    assert_eq!(block_on(writer.commit(create(1, 1))).unwrap(), Commit::Applied);
}

/// A record that expires at once.
fn expiring(number: u64) -> Batch {
    let id = Id::new(Timestamp::from_millis(number), number, number.into());
    let expires = Some(Timestamp::from_millis(1));
    let record = Record { key: Key::new(Kind::Challenge, id), due: None, expires, body: "x".into() };
    Batch::new([1; 16], vec![Write::create(record)]).unwrap()
}

/// A commit that arrives with a purge neither waits for the deletions nor shares their transaction.
#[test]
fn commits_go_before_the_purge_of_their_group() {
    let (writer, _) = without_thread();
    let transactions = Arc::new(AtomicUsize::new(0));
    let hook = Arc::clone(&transactions);
    let count = move || hook.fetch_add(1, Ordering::SeqCst) == usize::MAX;
    writer.shared.connection().commit_hook(Some(count)).unwrap();
    let (jobs, waiting) = sync_channel(2);
    let ((reply, purge), (committed, commit)) = (oneshot::channel(), oneshot::channel());
    jobs.send(Job::Purge { owners: i64::MIN..=i64::MAX, before: Timestamp::MAX, limit: 9, reply }).unwrap();
    jobs.send(Job::Commit(expiring(1), committed)).unwrap();
    drop(jobs);
    writer.shared.waiting.store(2, Ordering::Relaxed);
    run(&writer.shared, &waiting);
    assert_eq!(block_on(commit).unwrap().unwrap(), Commit::Applied);
    assert_eq!(block_on(purge).unwrap().unwrap(), (1, false), "the purge found the record");
    assert_eq!(transactions.load(Ordering::SeqCst), 2);
}

/// A sweep of many records never holds the writer for long: a slice out of time ends, and says that more is left.
#[test]
fn purge_ends_slice_out_of_time() {
    let connection = connection();
    group(&connection, (1..=3).map(expiring));
    let purge = |slice| write::purge(&connection, &(i64::MIN..=i64::MAX), Timestamp::MAX, 9, slice).unwrap();
    assert_eq!(purge(std::time::Duration::ZERO), (1, true));
    assert_eq!(purge(std::time::Duration::MAX), (2, false), "control: with time, all are deleted at once");
}
