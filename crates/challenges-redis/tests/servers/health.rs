//! R56: server checks on open.

use std::num::NonZeroU32;
use std::time::Duration;

use challenges_core::Store as _;
use challenges_proofs::redis::{RedisCluster, RedisServer};
use challenges_redis::{Finding, OpenError, RedisOptions, RedisStore, ServerCheck, Wait};

const DURABLE: [&str; 2] = ["--appendonly", "yes"];

fn server(options: &[&str]) -> RedisServer {
    RedisServer::start(&[&DURABLE, options].concat()).unwrap()
}

async fn refused(url: &str) -> Vec<Finding> {
    match RedisStore::open(url).await {
        Err(OpenError::Unsafe(findings)) => findings.as_slice().to_vec(),
        other => panic!("{other:?}"),
    }
}

/// R56: control, a safe server passes the strict check.
#[tokio::test]
async fn control_safe_server_passes_strict_check() {
    let server = server(&[]);
    let store = RedisOptions::new().server_check(ServerCheck::Strict).open(&server.url()).await.unwrap();
    assert_eq!(store.findings(), []);
}

/// R56: an `allkeys-*` policy is refused by default.
#[tokio::test]
async fn allkeys_eviction_is_refused() {
    for policy in ["allkeys-lru", "allkeys-lfu", "allkeys-random"] {
        let server = server(&["--maxmemory-policy", policy]);
        assert_eq!(refused(&server.url()).await, [Finding::Evicts(policy.to_owned())]);
        let warn = RedisOptions::new().server_check(ServerCheck::Warn).open(&server.url()).await.unwrap();
        assert_eq!(warn.findings(), [Finding::Evicts(policy.to_owned())]);
    }
}

/// R56: a `volatile-*` policy is a warning by default.
#[tokio::test]
async fn volatile_eviction_is_a_warning() {
    let server = server(&["--maxmemory-policy", "volatile-lru"]);
    let store = RedisStore::open(&server.url()).await.unwrap();
    assert_eq!(store.findings(), [Finding::EvictsExpiring("volatile-lru".to_owned())]);
    let strict = RedisOptions::new().server_check(ServerCheck::Strict).open(&server.url()).await;
    assert!(matches!(strict, Err(OpenError::Unsafe(_))));
}

/// R56: a missing append-only file is a warning by default.
#[tokio::test]
async fn missing_append_only_file_is_a_warning() {
    let server = RedisServer::start(&[]).unwrap();
    assert_eq!(RedisStore::open(&server.url()).await.unwrap().findings(), [Finding::NotDurable]);
    let strict = RedisOptions::new().server_check(ServerCheck::Strict).open(&server.url()).await;
    let error = strict.unwrap_err().to_string();
    assert!(error.contains("appendonly yes"), "{error}");
}

/// R56: a replica is refused by default.
#[tokio::test]
async fn replica_is_refused() {
    let primary = server(&[]);
    let replica = server(&["--replicaof", &format!("127.0.0.1 {}", primary.port())]);
    assert_eq!(refused(&replica.url()).await, [Finding::Replica]);
}

/// R56: a user without the right to run `INFO` is a warning by default.
#[tokio::test]
async fn unreadable_info_is_a_warning() {
    let server = server(&[]);
    server.cli(&["ACL", "SETUSER", "quiet", "on", ">pw", "~*", "+@all", "-info"]).unwrap();
    let url = format!("redis://quiet:pw@127.0.0.1:{}", server.port());
    assert_eq!(RedisStore::open(&url).await.unwrap().findings(), [Finding::Unreadable]);
    let strict = RedisOptions::new().server_check(ServerCheck::Strict).open(&url).await;
    assert!(matches!(strict, Err(OpenError::Unsafe(_))));
}

#[tokio::test]
async fn cluster_scheme_must_match_server() {
    let one = server(&[]);
    let clustered = one.url().replace("redis://", "redis+cluster://");
    let error = RedisStore::open(&clustered).await.unwrap_err();
    assert!(matches!(error, OpenError::NoCluster(_)), "{error:?}");
    let node = server(&["--cluster-enabled", "yes"]);
    assert!(matches!(RedisStore::open(&node.url()).await, Err(OpenError::Cluster)));
}

/// R56: the check covers every primary of a cluster.
#[tokio::test]
async fn every_cluster_primary_is_checked() {
    let cluster = RedisCluster::start(3, &DURABLE).unwrap();
    assert_eq!(RedisStore::open(&cluster.url()).await.unwrap().findings(), []);
    let primary = cluster.primaries().unwrap()[1];
    cluster.nodes()[primary].cli(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]).unwrap();
    assert_eq!(refused(&cluster.url()).await, [Finding::Evicts("allkeys-lru".to_owned())]);
}

const RIGHTS: [&str; 8] = ["~challenges:*", "+@read", "+@write", "+@scripting", "+info", "+wait", "+hello", "+client"];

fn grant(server: &RedisServer, rights: &[&str]) {
    server.cli(&[&["ACL", "SETUSER", "app", "reset", "on", ">pw"], rights].concat()).unwrap();
}

#[tokio::test]
async fn documented_acl_is_sufficient() {
    let server = server(&[]);
    let url = format!("redis://app:pw@127.0.0.1:{}", server.port());
    grant(&server, &RIGHTS);
    use_every_operation(&url).await;
    let refused = RedisStore::open(&format!("{url}/3")).await;
    assert!(refused.is_err(), "control: a numbered database needs +select");
    grant(&server, &[&RIGHTS[..], &["+select"]].concat());
    use_every_operation(&format!("{url}/3")).await;
}

#[tokio::test]
async fn documented_acl_is_sufficient_in_a_cluster() {
    let cluster = RedisCluster::start(3, &[]).unwrap();
    let url = cluster.url().replace("://", "://app:pw@");
    let grant_all = |rights: &[&str]| cluster.nodes().iter().for_each(|node| grant(node, rights));
    grant_all(&[&RIGHTS[..], &["+asking", "+ping"]].concat());
    assert!(RedisStore::open(&url).await.is_err(), "control: a cluster needs +cluster|slots");
    // +ping is optional, but without it every slot query reconnects to all nodes.
    grant_all(&[&RIGHTS[..], &["+cluster|slots", "+asking", "+ping"]].concat());
    use_every_operation(&url).await;
}

async fn use_every_operation(url: &str) {
    use challenges_core::store::Id;
    use challenges_core::{Timestamp, store::Kind};
    let wait = Wait { replicas: NonZeroU32::MIN, timeout: Duration::from_millis(20) };
    assert!(RedisOptions::new().wait(wait).open(url).await.is_ok());
    let store = RedisStore::open(url).await.unwrap();
    let mut outcomes = challenges_proofs::ledger::Outcomes::default();
    challenges_proofs::ledger::append(&store, challenges_proofs::ledger::key(1, 1), &mut outcomes).await;
    assert_eq!(outcomes.applied.len(), 1);
    assert_eq!(store.due(Kind::Counters, 0..Id::SHARDS, Timestamp::MAX, 10).await.unwrap().len(), 1);
    assert_eq!(store.purge(0..Id::SHARDS, Timestamp::MAX, 10).await.unwrap(), 1);
}
