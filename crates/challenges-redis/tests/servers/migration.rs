//! Slot migration in a cluster under load.

use std::time::Duration;

use challenges_proofs::redis::{RedisCluster, RedisServer};
use challenges_redis::RedisStore;

use challenges_proofs::ledger::{Audit, Writers, audit, key};

const KEYS: [&str; 4] =
    ["challenges:{000}:records", "challenges:{000}:index", "challenges:{000}:due", "challenges:{000}:expires"];

/// R55: all keys of a script are declared and in one slot, and commits are retried while the slot migrates.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slot_migration_loses_and_refuses_no_write() {
    let cluster = RedisCluster::start(3, &[]).unwrap();
    let store = RedisStore::open(&cluster.url()).await.unwrap();
    // Three shards of one partition, and one of another.
    let writers = Writers::start(&store, &[key(0, 1), key(1, 2), key(3, 3), key(500, 4)]);
    writers.wait_for_commits(50).await;
    let slot = cluster.nodes()[0].cli(&["CLUSTER", "KEYSLOT", KEYS[0]]).unwrap();
    let primaries = cluster.primaries().unwrap();
    let rounds = if std::env::var_os("CHALLENGES_FULL").is_some() { 100 } else { 4 };
    for _ in 0..rounds {
        let nodes: Vec<&RedisServer> = primaries.iter().map(|place| &cluster.nodes()[*place]).collect();
        let is_owner = |node: &&&RedisServer| node.cli(&["EXISTS", KEYS[0]]).is_ok_and(|found| found == "1");
        let from = *nodes.iter().find(is_owner).unwrap();
        let to = **nodes.iter().filter(|node| node.port() != from.port()).collect::<Vec<_>>().last().unwrap();
        migrate(&slot, from, to, &nodes, &writers).await;
        writers.wait_for_commits(50).await;
    }
    let outcomes = writers.stop().await;
    assert_eq!(audit(&store, &outcomes).await, Audit::default());
    for (key, outcomes) in outcomes {
        assert_eq!((outcomes.unknown, outcomes.unavailable), (0, 0), "{key:?}");
        assert!(!outcomes.applied.is_empty());
    }
}

async fn migrate(slot: &str, from: &RedisServer, to: &RedisServer, all: &[&RedisServer], writers: &Writers) {
    let id = |node: &RedisServer| node.cli(&["CLUSTER", "MYID"]).unwrap();
    to.cli(&["CLUSTER", "SETSLOT", slot, "IMPORTING", &id(from)]).unwrap();
    from.cli(&["CLUSTER", "SETSLOT", slot, "MIGRATING", &id(to)]).unwrap();
    // All keys are still on the source: writes continue.
    writers.wait_for_commits(20).await;
    for key in KEYS {
        from.cli(&["MIGRATE", "127.0.0.1", &to.port().to_string(), key, "0", "5000"]).unwrap();
        // Keys are split between the nodes: writers must retry.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // All keys are on the target, and the source redirects with ASK.
    writers.wait_for_commits(20).await;
    for node in [to, from].iter().chain(all) {
        node.cli(&["CLUSTER", "SETSLOT", slot, "NODE", &id(to)]).unwrap();
    }
}
