//! Throughput of commits beside `pgbench -M prepared` with the same calls. Runs with CHALLENGES_FULL=1.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use challenges_core::store::{Batch, Commit, Expect, Id, Key, Kind, OwnerTag, Record, Version, Write};
use challenges_core::{Store as _, Timestamp};
use challenges_postgres::{PostgresOptions, PostgresStore};
use challenges_proofs::postgres::PostgresServer;

const BODY: usize = 600;
const SECONDS: u64 = 5;

fn create(number: u64) -> Batch {
    // A multiplicative hash, so that owners are spread over the shards.
    let owner = OwnerTag::new(number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let key = Key::new(Kind::Challenge, Id::new(Timestamp::from_millis(number), owner, number.into()));
    let record =
        Record { key, due: None, expires: Some(Timestamp::from_millis(number)), body: vec![b'a'; BODY].into() };
    let counters = Key::new(Kind::Counters, Id::new(Timestamp::from_millis(number), owner, 1));
    let writes = vec![Write::put(Expect::Absent, record), Write::keep(counters, Expect::Absent)];
    Batch::new(Version::from_bytes(u128::from(number).to_be_bytes()), writes).unwrap()
}

async fn commits_a_second(store: &PostgresStore, callers: usize, first: u64) -> f64 {
    let next = Arc::new(AtomicU64::new(first));
    let begin = Instant::now();
    let end = begin + Duration::from_secs(SECONDS);
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (store, next) = (store.clone(), Arc::clone(&next));
            tokio::spawn(async move {
                while Instant::now() < end {
                    let batch = create(next.fetch_add(1, Ordering::Relaxed));
                    assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    (next.load(Ordering::Relaxed) - first) as f64 / begin.elapsed().as_secs_f64()
}

/// The same writes as [`create`], in one call of the function.
const SCRIPT: &str = "\\set n random(1, 1000000000)
\\set owner random(-9223372036854775808, 9223372036854775807)
\\set shard random(0, 1023)
SELECT unnest(challenges.commit_batches(ARRAY[:shard]::integer[], ARRAY[decode('000102030405060708090a0b0c0d0e0f', 'hex')],
 ARRAY[2]::integer[], ARRAY[3, 2]::smallint[], ARRAY[:owner, :owner]::bigint[],
 ARRAY[lpad(:n::text, 40, '0'), lpad(:n::text, 40, '1')], ARRAY[NULL, NULL]::bytea[], ARRAY[1, 0]::smallint[],
 ARRAY[NULL, NULL]::bigint[], ARRAY[:n, NULL]::bigint[], ARRAY[convert_to(repeat('a', 600), 'UTF8'), NULL], NULL, true));
";

fn pgbench(server: &PostgresServer, callers: usize) -> String {
    let script = server.directory().join("script.sql");
    std::fs::write(&script, SCRIPT).unwrap();
    let (port, callers, seconds) = (server.port().to_string(), callers.to_string(), SECONDS.to_string());
    let mut pgbench = Command::new("pgbench");
    pgbench.args(["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-n", "-M", "prepared", "-c", &callers, "-j", "2"]);
    pgbench.args(["-T", &seconds, "-f"]).arg(&script).arg("postgres");
    let output = pgbench.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    text.lines().find(|line| line.starts_with("tps")).map(str::to_owned).unwrap_or(text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_beside_pgbench() {
    if std::env::var_os("CHALLENGES_FULL").is_none() {
        println!("skipped; set CHALLENGES_FULL=1");
        return;
    }
    let server = PostgresServer::start(&["max_connections=200"]).unwrap();
    let store = PostgresOptions::new().connect(&server.url()).await.unwrap();
    let mut first = 1;
    for callers in [1, 64] {
        for round in 0..3 {
            let ours = commits_a_second(&store, callers, first).await;
            first += 10_000_000;
            println!(
                "{callers} callers, round {round}: {ours:.0} commits a second; pgbench: {}",
                pgbench(&server, callers)
            );
        }
    }
}
