//! Slots of a cluster that go from one server to another under load.

use std::time::Duration;

use challenges_redis::RedisStore;
use challenges_testkit::redis::{RedisCluster, RedisServer};

use crate::ledger::{Audit, Writers, audit, key};

const KEYS: [&str; 4] =
    ["challenges:{000}:records", "challenges:{000}:index", "challenges:{000}:due", "challenges:{000}:expires"];

/// R55: every key of a script is declared, in one slot, and what cannot be done right now is done a moment later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r55_a_slot_that_migrates_under_load_loses_and_refuses_nothing() {
    let cluster = RedisCluster::start(3, &[]).unwrap();
    let store = RedisStore::open(&cluster.url()).await.unwrap();
    // All shards of one partition, and one of another.
    let writers = Writers::start(&store, &[key(0, 1), key(1, 2), key(3, 3), key(500, 4)]);
    writers.progress(50).await;
    let slot = cluster.nodes()[0].cli(&["CLUSTER", "KEYSLOT", KEYS[0]]).unwrap();
    let primaries = cluster.primaries().unwrap();
    let rounds = if std::env::var_os("CHALLENGES_FULL").is_some() { 100 } else { 4 };
    for _ in 0..rounds {
        let nodes: Vec<&RedisServer> = primaries.iter().map(|place| &cluster.nodes()[*place]).collect();
        let is_owner = |node: &&&RedisServer| node.cli(&["EXISTS", KEYS[0]]).is_ok_and(|found| found == "1");
        let from = *nodes.iter().find(is_owner).unwrap();
        let to = **nodes.iter().filter(|node| node.port() != from.port()).collect::<Vec<_>>().last().unwrap();
        migrate(&slot, from, to, &nodes, &writers).await;
        writers.progress(50).await;
    }
    let told = writers.stop().await;
    assert_eq!(audit(&store, &told).await, Audit::default());
    for (key, told) in told {
        assert_eq!((told.unknown, told.unavailable), (0, 0), "{key:?}");
        assert!(!told.applied.is_empty());
    }
}

async fn migrate(slot: &str, from: &RedisServer, to: &RedisServer, all: &[&RedisServer], writers: &Writers) {
    let id = |node: &RedisServer| node.cli(&["CLUSTER", "MYID"]).unwrap();
    to.cli(&["CLUSTER", "SETSLOT", slot, "IMPORTING", &id(from)]).unwrap();
    from.cli(&["CLUSTER", "SETSLOT", slot, "MIGRATING", &id(to)]).unwrap();
    // While all keys are still there, everything goes on.
    writers.progress(20).await;
    for key in KEYS {
        from.cli(&["MIGRATE", "127.0.0.1", &to.port().to_string(), key, "0", "5000"]).unwrap();
        // While some are here and some there, nobody can do anything with them but wait.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // All are there, and asked for there.
    writers.progress(20).await;
    for node in [to, from].iter().chain(all) {
        node.cli(&["CLUSTER", "SETSLOT", slot, "NODE", &id(to)]).unwrap();
    }
}
