//! A cluster primary that stops responding but keeps its connections.

use std::process::Command;
use std::time::{Duration, Instant};

use challenges_core::store::Key;
use challenges_proofs::redis::{RedisCluster, RedisServer};
use challenges_redis::{OpenError, RedisOptions, RedisStore};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

use challenges_proofs::ledger::{Audit, Outcomes, TIME_LIMIT, Writers, append, audit, key};

const SHARDS: [u16; 4] = [0, 300, 400, 800];
const MORE: usize = 5;

fn signal(server: &RedisServer, signal: &str) {
    let pid = server.pid().unwrap().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
}

pub(crate) async fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + TIME_LIMIT;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Appends to each record until [`MORE`] writes were acknowledged.
async fn serve(store: &RedisStore, records: &mut [(Key, Outcomes)]) {
    let deadline = Instant::now() + TIME_LIMIT;
    for (key, outcomes) in records {
        let before = outcomes.applied.len();
        while outcomes.applied.len() < before + MORE {
            assert!(Instant::now() < deadline, "{key:?} is not served: {outcomes:?}");
            append(store, *key, outcomes).await;
        }
    }
}

pub(crate) fn is_in_sync(primary: &RedisServer) -> bool {
    let info = primary.cli(&["INFO", "replication"]).unwrap();
    let written = info.lines().find_map(|line| line.trim().strip_prefix("master_repl_offset:")).unwrap();
    info.contains(&format!(",offset={written},"))
}

/// R56: the store abandons an unresponsive primary, although the connection reports no error.
///
/// Dropping the server value kills the stopped process, however the test ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unresponsive_primary_is_abandoned() {
    let cluster = RedisCluster::start(3, &[]).unwrap();
    let store = RedisOptions::new().timeout(Duration::from_secs(2)).open(&cluster.url()).await.unwrap();
    let mut records = SHARDS.map(|shard| (key(shard, 1), Outcomes::default()));
    serve(&store, &mut records).await;
    let place = cluster.primaries().unwrap().into_iter().find(|place| holds(&cluster.nodes()[*place], SHARDS[0]));
    let silent = &cluster.nodes()[place.unwrap()];
    let of = silent.port().to_string();
    let replicates = |node: &&RedisServer| node.cli(&["ROLE"]).unwrap().lines().nth(2) == Some(of.as_str());
    let replica = cluster.nodes().iter().find(replicates).unwrap();
    let is_on_it = SHARDS.map(|shard| holds(silent, shard));
    let (cut, others): (Vec<_>, Vec<_>) = records.into_iter().zip(is_on_it).partition(|(_, is_on_it)| *is_on_it);
    let [cut, mut others] = [cut, others].map(|side| side.into_iter().map(|(record, _)| record).collect::<Vec<_>>());
    assert!(!others.is_empty());

    // Prevents the failover until later.
    replica.cli(&["CONFIG", "SET", "cluster-replica-no-failover", "yes"]).unwrap();
    until("the replica is not in sync", || is_in_sync(silent)).await;
    signal(silent, "-STOP");
    let keys: Vec<_> = cut.iter().map(|(key, _)| *key).collect();
    let writers = Writers::start(&store, &keys);
    serve(&store, &mut others).await;
    let mut outcomes = Outcomes::default();
    append(&store, keys[0], &mut outcomes).await;
    assert_eq!(outcomes.unavailable, 1, "control: the stopped primary does not respond");
    // A new store reaches the other nodes.
    let options = RedisOptions::new().connect_timeout(Duration::from_secs(20));
    let opened = options.open(&cluster.url()).await.unwrap();
    serve(&opened, &mut others).await;
    serve(&store, &mut others).await;

    replica.cli(&["CONFIG", "SET", "cluster-replica-no-failover", "no"]).unwrap();
    until("no replica takes over", || replica.cli(&["ROLE"]).unwrap().starts_with("master")).await;
    writers.wait_for_commits(20).await;
    let mut records: Vec<_> = cut.into_iter().chain(others).collect();
    serve(&store, &mut records).await;

    // The resumed server becomes a replica and blocks no caller.
    signal(silent, "-CONT");
    until("the resumed server does not become a replica", || silent.cli(&["ROLE"]).unwrap().starts_with("slave")).await;
    serve(&store, &mut records).await;
    records.extend(writers.stop().await);
    assert_eq!(audit(&store, &records).await, Audit::default());
}

/// Forwards connections to a node, except the first few, which get no response.
async fn forward(node: u16, silent: usize) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut held = Vec::new();
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            if held.len() < silent {
                held.push(client);
                continue;
            }
            let mut server = TcpStream::connect(("127.0.0.1", node)).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut client, &mut server).await });
        }
    });
    port
}

/// A node that does not respond costs an attempt to open the store, and there are three. Control: a node that never
/// responds.
#[tokio::test]
async fn cluster_opens_after_unanswered_attempts() {
    let cluster = RedisCluster::start(3, &[]).unwrap();
    let options = RedisOptions::new().connect_timeout(Duration::from_secs(4)).timeout(Duration::from_secs(20));
    let node = cluster.nodes()[0].port();
    let url = |port: u16| format!("redis+cluster://127.0.0.1:{port}");
    let store = options.open(&url(forward(node, 2).await)).await.unwrap();
    let mut outcomes = Outcomes::default();
    append(&store, key(1, 1), &mut outcomes).await;
    assert_eq!(outcomes.applied.len(), 1);

    let hasty = options.connect_timeout(Duration::from_millis(50));
    let refused = hasty.open(&url(forward(node, usize::MAX).await)).await;
    assert!(matches!(refused, Err(OpenError::Unreachable(_))), "{refused:?}");
}

fn holds(node: &RedisServer, shard: u16) -> bool {
    node.cli(&["EXISTS", &format!("challenges:{{{:03}}}:records", shard / 4)]).is_ok_and(|answer| answer == "1")
}
