//! Store URLs and connecting.

use std::time::{Duration, Instant};

use challenges_core::Store as _;
use challenges_proofs::redis::RedisServer;
use challenges_redis::{AddressError, OpenError, RedisOptions, RedisStore};

use crate::ledger::{Outcomes, TIME_LIMIT, append, key};

async fn opens_and_commits(url: &str) {
    let store = RedisStore::open(url).await.unwrap();
    let mut outcomes = Outcomes::default();
    append(&store, key(1, 1), &mut outcomes).await;
    assert_eq!(outcomes.applied.len(), 1, "{url}");
}

#[tokio::test]
async fn url_sets_socket_password_and_database() {
    let server = RedisServer::start(&["--requirepass", "s3cret/word"]).unwrap();
    let (port, socket) = (server.port(), server.socket().display().to_string());
    opens_and_commits(&format!("redis://:s3cret%2Fword@127.0.0.1:{port}/3")).await;
    opens_and_commits(&format!("redis://default:s3cret%2Fword@localhost:{port}")).await;
    opens_and_commits(&format!("unix://{socket}?pass=s3cret/word")).await;
    for url in [format!("redis://:wrong@127.0.0.1:{port}"), format!("redis://127.0.0.1:{port}")] {
        let error = RedisStore::open(&url).await.unwrap_err();
        assert!(matches!(error, OpenError::Login(_)), "{error:?}");
    }
}

#[tokio::test]
async fn debug_output_contains_no_password() {
    let server = RedisServer::start(&["--requirepass", "s3cret"]).unwrap();
    let url = format!("redis://:s3cret@127.0.0.1:{}", server.port());
    let store = RedisStore::open(&url).await.unwrap();
    assert!(!format!("{store:?}").contains("s3cret"));
    server.cli(&["-a", "s3cret", "CONFIG", "SET", "requirepass", "other"]).unwrap_err();
    let wrong = url.replace("s3cret", "s3cre7");
    assert!(!format!("{:?}", RedisStore::open(&wrong).await).contains("s3cre7"));
}

#[tokio::test]
async fn invalid_urls_and_prefixes_are_refused() {
    for (url, is_right) in [
        ("localhost:6379", (|error| matches!(error, AddressError::Scheme)) as fn(&AddressError) -> bool),
        ("http://localhost", |error| matches!(error, AddressError::Scheme)),
        ("redis+other://localhost", |error| matches!(error, AddressError::Scheme)),
        ("redis://", |error| matches!(error, AddressError::Malformed(_))),
        ("redis+cluster://a:1,:2", |error| matches!(error, AddressError::Malformed(_))),
        ("redis+cluster://a:1,b:2/3", |error| matches!(error, AddressError::ClusterDatabase)),
        ("redis+sentinel://a:1,b:2", |error| matches!(error, AddressError::SentinelName)),
        ("rediss://localhost/#insecure", |error| matches!(error, AddressError::Tls)),
    ] {
        match RedisStore::open(url).await {
            Err(OpenError::Address(error)) => assert!(is_right(&error), "{url}: {error:?}"),
            other => panic!("{url}: {other:?}"),
        }
    }
    for prefix in ["", "a{b}", "a b", &"x".repeat(65)] {
        let refused = RedisOptions::new().prefix(prefix).open("redis://localhost").await;
        assert!(matches!(refused, Err(OpenError::Prefix)), "{prefix}");
    }
}

#[tokio::test]
async fn unreachable_server_is_reported_within_timeout() {
    let mut server = RedisServer::start(&[]).unwrap();
    let store = RedisOptions::new().timeout(Duration::from_millis(300)).open(&server.url()).await.unwrap();
    server.kill();
    let error = RedisStore::open(&server.url()).await.unwrap_err();
    assert!(matches!(error, OpenError::Unreachable(_)), "{error:?}");
    let mut outcomes = Outcomes::default();
    append(&store, key(1, 1), &mut outcomes).await;
    assert_eq!((outcomes.unavailable, outcomes.unknown), (1, 0));
    // The same store recovers when the server is back.
    server.restart().unwrap();
    append(&store, key(1, 1), &mut outcomes).await;
    assert_eq!(outcomes.applied.len(), 1);
    assert_eq!(store.findings().len(), 1);
}

#[tokio::test]
async fn closed_idle_connection_is_replaced_before_use() {
    let mut server = RedisServer::start(&["--appendonly", "yes"]).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    for _ in 0..5 {
        // On another thread, so that the store can notice the disconnect meanwhile.
        server = tokio::task::spawn_blocking(move || server.restart().map(|()| server)).await.unwrap().unwrap();
        let (key, batch) = crate::ledger::create();
        assert!(store.commit(batch).await.is_ok(), "{key:?}");
    }
}

#[tokio::test]
async fn sentinels_locate_primary_before_and_after_failover() {
    let mut primary = RedisServer::start(&[]).unwrap();
    let of = format!("127.0.0.1 {}", primary.port());
    let replica = RedisServer::start(&["--replicaof", &of]).unwrap();
    let sentinel = RedisServer::start_sentinel("shop", &primary).unwrap();
    let url = format!("redis+sentinel://127.0.0.1:{}/shop", sentinel.port());
    let options = RedisOptions::new().timeout(Duration::from_secs(30));
    let store = options.open(&url).await.unwrap();
    let mut outcomes = Outcomes::default();
    append(&store, key(1, 1), &mut outcomes).await;
    // Sentinels never promote a replica that is out of sync.
    let deadline = Instant::now() + TIME_LIMIT;
    let knows = || sentinel.cli(&["SENTINEL", "REPLICAS", "shop"]).unwrap().contains("ok");
    while !knows() || !replica.cli(&["INFO", "replication"]).unwrap().contains("status:up") {
        assert!(Instant::now() < deadline, "the sentinel sees no replica");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    primary.kill();
    append(&store, key(1, 1), &mut outcomes).await;
    assert_eq!(outcomes.applied.len(), 2, "{outcomes:?}");
    assert!(replica.cli(&["ROLE"]).unwrap().starts_with("master"));
}
