//! Whole challenges by code on SQLite with `synchronous=FULL`, beside a raw writer thread that groups the same rows of the
//! same table, and reads them by prepared statements.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use challenges_core::store::{Kind, ListQuery, Stored};
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, KeyRing, Owner, Store};
use challenges_sqlite::SqliteStore;
use rusqlite::{Connection, params};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::measure::{Report, interleaved};
use crate::memory_cycle::cycle;

const CALLERS: usize = 64;
const CYCLES: usize = 4_096;
const ALONE: usize = 2_000;
const READS: usize = 20_000;

pub(crate) fn many_callers() -> Report {
    let runtime = runtime();
    let rows = runtime.block_on(rows());
    interleaved(CYCLES, 0.7, || ours(&runtime, CALLERS, CYCLES), || raw_grouped(&runtime, &rows))
}

pub(crate) fn one_caller() -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let rows = runtime.block_on(rows());
    interleaved(ALONE, 0.8, || ours(&runtime, 1, ALONE), || raw_alone(&rows))
}

pub(crate) fn get() -> Report {
    let runtime = runtime();
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(folder.path().join("ours.db")).unwrap();
    let challenges = runtime.block_on(service(store));
    let owner = Owner::user("alice").unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    let created = runtime.block_on(challenges.create_challenge(owner, spec)).unwrap();
    let (id, text) = (created.challenge.id(), created.challenge.id().to_string());
    let raw = Connection::open(folder.path().join("ours.db")).unwrap();
    let ours = || {
        let start = Instant::now();
        runtime.block_on(async {
            for _ in 0..READS {
                assert_eq!(challenges.challenge(id).await.unwrap().id(), id);
            }
        });
        start.elapsed()
    };
    let floor = || {
        let start = Instant::now();
        for _ in 0..READS {
            assert!(!read(&raw, &text).1.is_empty());
        }
        start.elapsed()
    };
    // What is ours on top of the read is to decode the record; it may cost as much as the read again.
    interleaved(READS, 0.5, ours, floor)
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap()
}

async fn service(store: SqliteStore) -> Challenges {
    Challenges::builder(store, KeyRing::generate().unwrap()).build().await.unwrap()
}

/// Creates and answers challenges on a new file, by so many callers at once.
fn ours(runtime: &Runtime, callers: usize, cycles: usize) -> Duration {
    let folder = TempDir::new().unwrap();
    runtime.block_on(async {
        let challenges = service(SqliteStore::open(folder.path().join("ours.db")).unwrap()).await;
        let start = Instant::now();
        in_parallel(callers, cycles, move |number| {
            let challenges = challenges.clone();
            async move { cycle(&challenges, number).await }
        })
        .await;
        start.elapsed()
    })
}

async fn in_parallel<F: Future<Output = ()> + Send>(
    callers: usize,
    cycles: usize,
    work: impl Fn(usize) -> F + Clone + Send + 'static,
) {
    let tasks: Vec<_> = (0..callers)
        .map(|caller| {
            let work = work.clone();
            tokio::spawn(async move {
                for number in (caller..cycles).step_by(callers) {
                    work(number).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// The rows that the library stores for one challenge.
struct Rows {
    created: Stored,
    answered: Stored,
}

async fn rows() -> Rows {
    let store = Arc::new(challenges_memory::MemoryStore::new());
    let challenges = Challenges::builder(store.clone(), KeyRing::generate().unwrap()).build().await.unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_answer_data(crate::memory_cycle::data());
    let created = challenges.create_challenge(Owner::user("user500").unwrap(), spec).await.unwrap();
    let query = ListQuery { kind: Kind::Challenge, owner: None, after: None, limit: 1 };
    let before = store.list(&query).await.unwrap().records.remove(0);
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, created.code.unwrap().expose());
    assert!(challenges.answer(answer).await.unwrap().passed().is_some());
    Rows { created: before, answered: store.list(&query).await.unwrap().records.remove(0) }
}

/// A connection to a new file with the library's own table.
fn raw(folder: &Path) -> Connection {
    let path = folder.join("raw.db");
    drop(SqliteStore::open(&path).unwrap());
    let connection = Connection::open(path).unwrap();
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL").unwrap();
    connection
}

/// An id as the library makes them: by time, then by owner, then at random.
fn id(number: usize) -> String {
    let spread = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    format!("{number:07}{spread:033}")
}

fn insert(connection: &Connection, number: usize, row: &Stored) {
    let sql = "INSERT INTO records (kind, id, owner, version, due, expires, body) VALUES (?, ?, ?, ?, ?, ?, ?)";
    let owner = (number as i64 % 1_000).wrapping_mul(0x1E37_79B9_7F4A_7C15);
    let values =
        params![3, id(number), owner, row.version.as_bytes(), None::<i64>, 1_700_000_000_000_i64, &row.record.body[..]];
    assert_eq!(connection.prepare_cached(sql).unwrap().execute(values).unwrap(), 1);
}

fn read(connection: &Connection, id: &str) -> (Vec<u8>, Vec<u8>) {
    let sql = "SELECT version, body FROM records WHERE kind = 3 AND id = ?";
    let mut statement = connection.prepare_cached(sql).unwrap();
    statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

fn update(connection: &Connection, number: usize, expected: &[u8], row: &Stored) {
    let sql = "UPDATE records SET version = ?, body = ? WHERE kind = 3 AND id = ? AND version = ?";
    let values = params![row.version.as_bytes(), &row.record.body[..], id(number), expected];
    assert_eq!(connection.prepare_cached(sql).unwrap().execute(values).unwrap(), 1);
}

fn raw_alone(rows: &Rows) -> Duration {
    let folder = TempDir::new().unwrap();
    let connection = raw(folder.path());
    let start = Instant::now();
    for number in 0..ALONE {
        insert(&connection, number, &rows.created);
        let (version, _) = read(&connection, &id(number));
        update(&connection, number, &version, &rows.answered);
    }
    start.elapsed()
}

type Job = (usize, Option<Vec<u8>>, oneshot::Sender<()>);

/// A writer thread that puts all that waits into one transaction, and readers for the callers.
fn raw_grouped(runtime: &Runtime, rows: &Rows) -> Duration {
    let folder = TempDir::new().unwrap();
    let connection = raw(folder.path());
    let readers: Arc<Vec<_>> = Arc::new(
        (0..4).map(|_| std::sync::Mutex::new(Connection::open(folder.path().join("raw.db")).unwrap())).collect(),
    );
    let (jobs, waiting) = std::sync::mpsc::channel::<Job>();
    let (created, answered) = (rows.created.clone(), rows.answered.clone());
    let writer = std::thread::spawn(move || {
        while let Ok(first) = waiting.recv() {
            let group: Vec<_> = std::iter::once(first).chain(waiting.try_iter().take(511)).collect();
            connection.execute_batch("BEGIN IMMEDIATE").unwrap();
            for (number, expected, _) in &group {
                match expected {
                    None => insert(&connection, *number, &created),
                    Some(version) => update(&connection, *number, version, &answered),
                }
            }
            connection.execute_batch("COMMIT").unwrap();
            for (_, _, done) in group {
                done.send(()).unwrap();
            }
        }
    });
    let elapsed = runtime.block_on(async move {
        let start = Instant::now();
        in_parallel(CALLERS, CYCLES, move |number| {
            let (jobs, readers) = (jobs.clone(), Arc::clone(&readers));
            async move {
                let (done, stored) = oneshot::channel();
                jobs.send((number, None, done)).unwrap();
                stored.await.unwrap();
                let (version, body) = read(&free(&readers), &id(number));
                assert!(!Bytes::from(body).is_empty());
                let (done, stored) = oneshot::channel();
                jobs.send((number, Some(version), done)).unwrap();
                stored.await.unwrap();
            }
        })
        .await;
        start.elapsed()
    });
    writer.join().unwrap();
    elapsed
}

fn free(readers: &[std::sync::Mutex<Connection>]) -> std::sync::MutexGuard<'_, Connection> {
    readers.iter().find_map(|reader| reader.try_lock().ok()).unwrap_or_else(|| readers[0].lock().unwrap())
}
