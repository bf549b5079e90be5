//! Commits to PostgreSQL, compared with `pgbench`, which calls the same function from C, and with a hand-written transaction.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use challenges_core::store::{Batch, Commit, Id, Key, Kind, Record, Write};
use challenges_core::{Store as _, Timestamp};
use challenges_postgres::{PostgresOptions, PostgresStore};
use challenges_proofs::postgres::PostgresServer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_postgres::NoTls;

use crate::arguments::Arguments;
use crate::backend::POSTGRES_SERVER;
use crate::callers::{self, MANY};
use crate::measure::{Runs, alternate, timed};
use crate::report::{Section, rate, share};

const BODY: usize = 600;
/// Commits of a slice.
const COMMITS: u64 = 4_096;
/// Updates of a slice over a slow network.
const UPDATES: u64 = 128;
/// In each direction. The timer of the runtime is no finer.
const DELAY: Duration = Duration::from_millis(1);

/// Commits in a call of `pgbench`, for many callers. The store makes groups, too.
const GROUP: usize = 32;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS by_hand (id bigint PRIMARY KEY, version bytea, body bytea); \
    INSERT INTO by_hand VALUES (1, '', '') ON CONFLICT DO NOTHING";

pub(crate) fn run(arguments: &Arguments) -> Option<Section> {
    if !arguments.wants("postgres commit beside pgbench") {
        return None;
    }
    let about = "Commits that create a record of 600 bytes. Floor: `pgbench -M prepared`, which calls the function of the store \
                 with the same bytes; for 64 callers, from 2 connections with 32 commits in a call, as the store groups them. \
                 Last row: a commit that updates a record, over a network with 1 ms in each direction, beside BEGIN, SELECT \
                 FOR UPDATE, UPDATE and COMMIT through the same driver, which a program without the library needs.";
    let mut section = Section::new("PostgreSQL beside pgbench", about, &["", "a second", "floor", "of the floor"]);
    let server = PostgresServer::start_on_disk(&POSTGRES_SERVER).map_err(|error| error.to_string()).unwrap();
    let (effort, next) = (arguments.effort(), AtomicU64::new(1));
    for callers in [1, MANY] {
        let runtime = callers::runtime(callers);
        let store = runtime.block_on(PostgresOptions::new().connect(&server.url())).unwrap();
        let slices = effort.slices.div_ceil(2);
        let runs = Runs::of(effort.runs, |_| {
            alternate(slices, [&mut || commits(&runtime, &store, callers, &next), &mut || pgbench(&server, callers)])
        });
        let name = format!("create a record, {callers} {}", if callers == 1 { "caller" } else { "callers" });
        let [ours, floor] = [0, 1].map(|side| rate(runs.rate(side, COMMITS as usize)));
        section.row(vec![name, ours, floor, share(runs.share(0, 1))]);
    }
    let runtime = callers::runtime(1);
    let (store, floor) = runtime.block_on(async {
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres", delayed(server.port()).await);
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(TABLE).await.unwrap();
        (PostgresOptions::new().connect(&url).await.unwrap(), client)
    });
    let mut version = None;
    let runs = Runs::of(effort.runs, |_| {
        let ours = &mut || timed(|| runtime.block_on(updates(&store, &mut version)));
        alternate(effort.slices, [ours, &mut || timed(|| runtime.block_on(by_hand(&floor)))])
    });
    let [ours, floor] = [0, 1].map(|side| rate(runs.rate(side, UPDATES as usize)));
    section.row(vec!["update a record, 1 ms away".to_owned(), ours, floor, share(runs.share(0, 1))]);
    Some(section)
}

fn create(number: u64) -> Batch {
    // A multiplicative hash, so that owners are spread over the shards.
    let owner = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let key = Key::new(Kind::Challenge, Id::new(Timestamp::from_millis(number), owner, number.into()));
    let counters = Key::new(Kind::Counters, Id::new(Timestamp::from_millis(number), owner, 1));
    let writes = vec![Write::create(record(key, number)), Write::keep(counters, None)];
    Batch::new(u128::from(number).to_be_bytes(), writes).unwrap()
}

fn record(key: Key, number: u64) -> Record {
    Record { key, due: None, expires: Some(Timestamp::from_millis(number)), body: vec![b'a'; BODY].into() }
}

fn commits(runtime: &Runtime, store: &PostgresStore, callers: usize, next: &AtomicU64) -> Duration {
    let first = next.fetch_add(COMMITS, Ordering::Relaxed);
    let batches: Vec<_> = (first..first + COMMITS).map(create).collect();
    let store = Arc::new(store.clone());
    let work = move |batch| {
        let store = Arc::clone(&store);
        async move { assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied) }
    };
    timed(|| runtime.block_on(callers::all(callers, batches, work)))
}

/// The same writes as [`create`], for `group` records in one call of the function.
fn script(group: usize, mark: &str) -> String {
    use std::fmt::Write as _;
    // In the columns, # is the number of a record, and @ the end of its two writes.
    let (width, mut script) = (1_024 / group, String::new());
    for number in 0..group {
        // In the order of the shards, so that no two calls wait for each other.
        let (first, last) = (number * width, (number + 1) * width - 1);
        writeln!(script, "\\set n{number} random(1, 1000000000)").unwrap();
        writeln!(script, "\\set owner{number} random(0, 9223372036854775806)").unwrap();
        writeln!(script, "\\set shard{number} random({first}, {last})").unwrap();
    }
    let column = |of_a_record: &str, as_type: &str| {
        let record =
            |number: usize| of_a_record.replace('#', &number.to_string()).replace('@', &(2 * number + 2).to_string());
        let records: Vec<_> = (0..group).map(record).collect();
        format!("ARRAY[{}]::{as_type}[]", records.join(", "))
    };
    let columns = [
        column(":shard#", "integer"),
        column("decode('000102030405060708090a0b0c0d0e0f', 'hex')", "bytea"),
        column("@", "integer"),
        column("3, 2", "smallint"),
        column(":owner#, :owner#", "bigint"),
        column("lpad(:n#::text, 40, '0'), lpad(:n#::text, 40, '1')", "text"),
        column("NULL, NULL", "bytea"),
        column("1, 0", "smallint"),
        column("NULL, NULL", "bigint"),
        column(":n#, NULL", "bigint"),
        column("convert_to(repeat('a', 600), 'UTF8'), NULL", "bytea"),
    ];
    let columns = columns.join(", ");
    writeln!(script, "SELECT unnest(challenges.commit_batches({columns}, NULL, 4500, '{mark}'));").unwrap();
    script
}

/// Returns the time of as many commits, without the start of the program.
fn pgbench(server: &PostgresServer, callers: usize) -> Duration {
    let group = if callers == 1 { 1 } else { GROUP };
    let file = tempfile::NamedTempFile::new().unwrap();
    let mark = server.query("SELECT encode(version, 'hex') FROM challenges.records WHERE kind = -1").unwrap();
    std::fs::write(file.path(), script(group, mark.trim())).unwrap();
    let mut pgbench = Command::new("pgbench");
    pgbench.args([
        "-h",
        "127.0.0.1",
        "-p",
        &server.port().to_string(),
        "-U",
        "postgres",
        "-n",
        "-M",
        "prepared",
        "-j",
        "2",
    ]);
    let (clients, calls) = (callers / group, COMMITS as usize / callers);
    pgbench.args(["-c", &clients.to_string(), "-t", &calls.to_string(), "-f"]).arg(file.path()).arg("postgres");
    let output = pgbench.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next());
    let rate: f64 = rate.ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned()).unwrap().parse().unwrap();
    Duration::from_secs_f64(COMMITS as f64 / (rate * group as f64))
}

/// Updates a record, each time under the version of the time before.
async fn updates(store: &PostgresStore, version: &mut Option<[u8; 16]>) {
    let key = Key::new(Kind::Counters, Id::new(Timestamp::default(), 0, 0));
    for number in 0..UPDATES {
        let expected = *version;
        let next = version.map_or(1, |old| u128::from_be_bytes(old) + 1).to_be_bytes();
        let batch = Batch::new(next, vec![Write::Put { expected, record: record(key, number) }]).unwrap();
        assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
        *version = Some(next);
    }
}

/// The same, as a host writes it by hand: every statement waits for the reply.
async fn by_hand(client: &tokio_postgres::Client) {
    let select = client.prepare("SELECT version FROM by_hand WHERE id = $1 FOR UPDATE").await.unwrap();
    let update = client.prepare("UPDATE by_hand SET version = $2, body = $3 WHERE id = $1").await.unwrap();
    let body = vec![b'a'; BODY];
    for number in 0..UPDATES {
        client.batch_execute("BEGIN").await.unwrap();
        let found: Vec<u8> = client.query_one(&select, &[&1_i64]).await.unwrap().get(0);
        std::hint::black_box(found);
        let version = number.to_be_bytes().as_slice().to_vec();
        assert_eq!(client.execute(&update, &[&1_i64, &version, &body]).await.unwrap(), 1);
        client.batch_execute("COMMIT").await.unwrap();
    }
}

/// Starts a proxy that delays everything, and returns the port.
async fn delayed(port: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            client.set_nodelay(true).unwrap();
            server.set_nodelay(true).unwrap();
            let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
            tokio::spawn(delay(from_client, to_server));
            tokio::spawn(delay(from_server, to_client));
        }
    });
    own
}

async fn delay(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let mut bytes = vec![0; 1 << 16];
    // Ends with either connection.
    while let Ok(read) = from.read(&mut bytes).await {
        tokio::time::sleep(DELAY).await;
        if read == 0 || to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
