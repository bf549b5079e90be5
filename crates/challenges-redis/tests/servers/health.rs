//! R56: servers that would lose records.

use std::num::NonZeroU32;
use std::time::Duration;

use challenges_core::Store as _;
use challenges_redis::{Finding, OpenError, RedisOptions, RedisStore, ServerCheck, Wait};
use challenges_testkit::redis::{RedisCluster, RedisServer};

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

#[tokio::test]
async fn r56_a_server_that_keeps_what_it_acknowledges_passes_every_check() {
    let server = server(&[]);
    let store = RedisOptions::new().server_check(ServerCheck::Strict).open(&server.url()).await.unwrap();
    assert_eq!(store.findings(), []);
}

#[tokio::test]
async fn r56_a_policy_that_evicts_anything_is_refused() {
    for policy in ["allkeys-lru", "allkeys-lfu", "allkeys-random"] {
        let server = server(&["--maxmemory-policy", policy]);
        assert_eq!(refused(&server.url()).await, [Finding::Evicts(policy.to_owned())]);
        let warn = RedisOptions::new().server_check(ServerCheck::Warn).open(&server.url()).await.unwrap();
        assert_eq!(warn.findings(), [Finding::Evicts(policy.to_owned())]);
    }
}

#[tokio::test]
async fn r56_a_policy_that_evicts_what_expires_is_warned_of() {
    let server = server(&["--maxmemory-policy", "volatile-lru"]);
    let store = RedisStore::open(&server.url()).await.unwrap();
    assert_eq!(store.findings(), [Finding::EvictsExpiring("volatile-lru".to_owned())]);
    let strict = RedisOptions::new().server_check(ServerCheck::Strict).open(&server.url()).await;
    assert!(matches!(strict, Err(OpenError::Unsafe(_))));
}

#[tokio::test]
async fn r56_a_server_without_append_only_file_is_warned_of() {
    let server = RedisServer::start(&[]).unwrap();
    assert_eq!(RedisStore::open(&server.url()).await.unwrap().findings(), [Finding::NotDurable]);
    let strict = RedisOptions::new().server_check(ServerCheck::Strict).open(&server.url()).await;
    let error = strict.unwrap_err().to_string();
    assert!(error.contains("appendonly yes"), "{error}");
}

#[tokio::test]
async fn r56_a_replica_is_refused() {
    let primary = server(&[]);
    let replica = server(&["--replicaof", &format!("127.0.0.1 {}", primary.port())]);
    assert_eq!(refused(&replica.url()).await, [Finding::Replica]);
}

#[tokio::test]
async fn r56_a_server_that_tells_nothing_is_warned_of() {
    let server = server(&[]);
    server.cli(&["ACL", "SETUSER", "quiet", "on", ">pw", "~*", "+@all", "-info"]).unwrap();
    let url = format!("redis://quiet:pw@127.0.0.1:{}", server.port());
    assert_eq!(RedisStore::open(&url).await.unwrap().findings(), [Finding::Unreadable]);
    let strict = RedisOptions::new().server_check(ServerCheck::Strict).open(&url).await;
    assert!(matches!(strict, Err(OpenError::Unsafe(_))));
}

#[tokio::test]
async fn a_cluster_needs_its_own_scheme_and_only_a_cluster_has_it() {
    let one = server(&[]);
    let clustered = one.url().replace("redis://", "redis+cluster://");
    let error = RedisStore::open(&clustered).await.unwrap_err();
    assert!(matches!(error, OpenError::NoCluster(_)), "{error:?}");
    let node = server(&["--cluster-enabled", "yes"]);
    assert!(matches!(RedisStore::open(&node.url()).await, Err(OpenError::Cluster)));
}

#[tokio::test]
async fn r56_every_primary_of_a_cluster_is_looked_at() {
    let cluster = RedisCluster::start(3, &DURABLE).unwrap();
    assert_eq!(RedisStore::open(&cluster.url()).await.unwrap().findings(), []);
    let primary = cluster.primaries().unwrap()[1];
    cluster.nodes()[primary].cli(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]).unwrap();
    assert_eq!(refused(&cluster.url()).await, [Finding::Evicts("allkeys-lru".to_owned())]);
}

const RIGHTS: [&str; 8] = ["~challenges:*", "+@read", "+@write", "+@scripting", "+info", "+wait", "+hello", "+client"];

fn let_in(server: &RedisServer, rights: &[&str]) {
    server.cli(&[&["ACL", "SETUSER", "app", "reset", "on", ">pw"], rights].concat()).unwrap();
}

#[tokio::test]
async fn a_user_with_the_rights_that_the_readme_names_can_do_everything() {
    let server = server(&[]);
    let url = format!("redis://app:pw@127.0.0.1:{}", server.port());
    let_in(&server, &RIGHTS);
    do_everything(&url).await;
    let refused = RedisStore::open(&format!("{url}/3")).await;
    assert!(refused.is_err(), "the control: a database is selected");
    let_in(&server, &[&RIGHTS[..], &["+select"]].concat());
    do_everything(&format!("{url}/3")).await;
}

#[tokio::test]
async fn a_user_with_the_rights_that_the_readme_names_can_do_everything_in_a_cluster() {
    let cluster = RedisCluster::start(3, &[]).unwrap();
    let url = cluster.url().replace("://", "://app:pw@");
    let give = |rights: &[&str]| cluster.nodes().iter().for_each(|node| let_in(node, rights));
    give(&[&RIGHTS[..], &["+asking", "+ping"]].concat());
    assert!(RedisStore::open(&url).await.is_err(), "the control: the servers are asked for their slots");
    // Without +ping it works as well, but each time it asks for the slots it connects anew to every server.
    give(&[&RIGHTS[..], &["+cluster|slots", "+asking", "+ping"]].concat());
    do_everything(&url).await;
}

async fn do_everything(url: &str) {
    use challenges_core::{SHARDS, Timestamp, store::Kind};
    let wait = Wait { replicas: NonZeroU32::MIN, timeout: Duration::from_millis(20) };
    assert!(RedisOptions::new().wait(wait).open(url).await.is_ok());
    let store = RedisStore::open(url).await.unwrap();
    let mut told = crate::ledger::Told::default();
    crate::ledger::append(&store, crate::ledger::key(1, 1), &mut told).await;
    assert_eq!(told.applied.len(), 1);
    assert_eq!(store.due(Kind::Subject, 0..SHARDS, Timestamp::MAX, 10).await.unwrap().len(), 1);
    assert_eq!(store.purge(0..SHARDS, Timestamp::MAX, 10).await.unwrap(), 1);
}
