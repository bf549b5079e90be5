//! Store URLs and connecting.

use std::time::Duration;

use challenges_core::Store as _;
use challenges_proofs::redis::RedisServer;
use challenges_redis::{AddressError, OpenError, RedisOptions, RedisStore};

use challenges_proofs::ledger::{Outcomes, TIME_LIMIT, append, key};

use crate::emptied::restarted;
use crate::silence::until;

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
    let mut server = RedisServer::start(&["--appendonly", "yes", "--appendfsync", "always"]).unwrap();
    let store = RedisOptions::new().timeout(Duration::from_secs(2)).open(&server.url()).await.unwrap();
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
    assert_eq!(store.findings(), []);
}

#[tokio::test]
async fn closed_idle_connection_is_replaced_before_use() {
    let mut server = RedisServer::start(&["--appendonly", "yes"]).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    for _ in 0..5 {
        server = restarted(server, false).await;
        let (key, batch) = challenges_proofs::ledger::create();
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
    let options = RedisOptions::new().timeout(TIME_LIMIT);
    down_after(&sentinel, "600000");
    until("the sentinel does not reach the primary", || reaches_primary(&sentinel)).await;
    let store = options.open(&url).await.unwrap();
    let mut outcomes = Outcomes::default();
    append(&store, key(1, 1), &mut outcomes).await;
    // Sentinels never promote a replica that is out of sync.
    let knows = || sentinel.cli(&["SENTINEL", "REPLICAS", "shop"]).unwrap().contains("ok");
    let is_in_sync = || replica.cli(&["INFO", "replication"]).unwrap().contains("status:up");
    until("the sentinel sees no replica", || knows() && is_in_sync()).await;
    down_after(&sentinel, "500");
    primary.kill();
    append(&store, key(1, 1), &mut outcomes).await;
    assert_eq!(outcomes.applied.len(), 2, "{outcomes:?}");
    assert!(replica.cli(&["ROLE"]).unwrap().starts_with("master"));
}

/// Sets the time without a reply after which the sentinel takes the primary for lost.
fn down_after(sentinel: &RedisServer, milliseconds: &str) {
    sentinel.cli(&["SENTINEL", "SET", "shop", "down-after-milliseconds", milliseconds]).unwrap();
}

/// Returns false while the sentinel takes the primary for lost, and refuses to name the primary.
fn reaches_primary(sentinel: &RedisServer) -> bool {
    let answer = sentinel.cli(&["SENTINEL", "MASTER", "shop"]).unwrap();
    let mut lines = answer.lines().skip_while(|line| *line != "flags");
    lines.nth(1) == Some("master")
}

/// A password with a special character is not blamed on the host, the database or TLS.
#[tokio::test]
async fn unencoded_password_is_named() {
    for scheme in ["redis", "redis+cluster", "redis+sentinel", "rediss"] {
        for password in ["pa/ss", "pa?ss", "pa#ss"] {
            let url = format!("{scheme}://user:{password}@localhost:1/name");
            match RedisStore::open(&url).await {
                Err(OpenError::Address(error @ AddressError::Unencoded)) => {
                    assert!(error.to_string().contains("%2F"), "{error}");
                    assert!(!error.to_string().contains(password), "{error}");
                }
                other => panic!("{url}: {other:?}"),
            }
        }
    }
    let control = RedisStore::open("redis://user:pa%2Fss@localhost:1").await;
    assert!(matches!(control, Err(OpenError::Unreachable(_))), "control: {control:?}");
}

/// Every refusal names what to change.
#[tokio::test]
async fn refusals_name_the_cure() {
    let server = RedisServer::start(&[]).unwrap();
    let sentinel = RedisServer::start_sentinel("shop", &server).unwrap();
    down_after(&sentinel, "600000");
    until("the sentinel does not reach the primary", || reaches_primary(&sentinel)).await;
    for (user, keys, commands) in [("reads", "~*", "+@read"), ("elsewhere", "~other:*", "+@all")] {
        let rights = ["ACL", "SETUSER", user, "on", ">pw", keys, commands, "+hello", "+info", "+client", "+select"];
        server.cli(&rights).unwrap();
    }
    let (port, sentinels) = (server.port(), sentinel.port());
    for (url, cure) in [
        (format!("redis://127.0.0.1:{port}/99"), "check the number"),
        (format!("redis://who:pw@127.0.0.1:{port}"), "percent-encoded"),
        (format!("redis://reads:pw@127.0.0.1:{port}"), "grant the user the rights"),
        (format!("redis://elsewhere:pw@127.0.0.1:{port}"), "grant the user the rights"),
        (format!("redis://127.0.0.1:{sentinels}"), "use a redis+sentinel:// URL"),
        (format!("redis+sentinel://127.0.0.1:{sentinels}/shoop"), "check the hosts and the name of the primary"),
        (format!("redis+sentinel://127.0.0.1:{port}/shop"), "check the hosts and the name of the primary"),
    ] {
        let error = RedisStore::open(&url).await.unwrap_err();
        assert!(error.to_string().contains(cure), "{url}: {error}: {error:?}");
    }
    opens_and_commits(&format!("redis+sentinel://127.0.0.1:{sentinels}/shop")).await;
}

/// Sentinels with a password get the login of the URL, and sentinels without one are asked without it.
#[tokio::test]
async fn login_is_sent_to_sentinels() {
    let primary = RedisServer::start(&["--requirepass", "s3cret"]).unwrap();
    primary.cli(&["-a", "s3cret", "--no-auth-warning", "ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all"]).unwrap();
    let sentinel = RedisServer::start_sentinel("shop", &primary).unwrap();
    // Otherwise the sentinel takes the primary for lost.
    sentinel.cli(&["SENTINEL", "SET", "shop", "auth-pass", "s3cret"]).unwrap();
    down_after(&sentinel, "600000");
    until("the sentinel does not reach the primary", || reaches_primary(&sentinel)).await;
    let url = |login: &str| format!("redis+sentinel://{login}@127.0.0.1:{}/shop", sentinel.port());
    opens_and_commits(&url(":s3cret")).await;
    opens_and_commits(&url("app:pw")).await;

    sentinel.cli(&["ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all"]).unwrap();
    sentinel.cli(&["CONFIG", "SET", "requirepass", "s3cret"]).ok();
    sentinel.cli(&["ACL", "SETUSER", "default", "resetpass", ">s3cret"]).ok();
    let bare = RedisStore::open(&format!("redis+sentinel://127.0.0.1:{}/shop", sentinel.port())).await;
    assert!(matches!(bare, Err(OpenError::Login(_))), "control: the sentinel requires a login: {bare:?}");
    opens_and_commits(&url(":s3cret")).await;
    opens_and_commits(&url("app:pw")).await;
    let wrong = RedisStore::open(&url(":wrong")).await;
    assert!(matches!(wrong, Err(OpenError::Login(_))), "{wrong:?}");
}

/// A server or proxy without `HELLO` is used with RESP2.
#[tokio::test]
async fn server_without_hello_is_used_with_resp2() {
    let server = RedisServer::start(&["--rename-command", "HELLO", ""]).unwrap();
    assert!(server.cli(&["HELLO", "3"]).is_err(), "control: the server knows no HELLO");
    opens_and_commits(&server.url()).await;
    let sentinels =
        format!("redis+sentinel://127.0.0.1:{}/shop", RedisServer::start_sentinel("shop", &server).unwrap().port());
    assert!(RedisStore::open(&sentinels).await.is_err());
}

/// The error of a cluster behind NAT names the announced addresses.
#[tokio::test]
async fn unreachable_announced_addresses_are_named() {
    let cluster = challenges_proofs::redis::RedisCluster::start(3, &[]).unwrap();
    let (port, options) = (cluster.nodes()[0].port(), RedisOptions::new().timeout(Duration::from_secs(4)));
    let url = format!("redis+cluster://127.0.0.1:{port}");
    assert!(options.open(&url).await.is_ok(), "control: announced addresses that are reachable");
    for node in cluster.nodes() {
        node.cli(&["CONFIG", "SET", "cluster-announce-ip", "127.9.9.9"]).unwrap();
    }
    let announces = || cluster.nodes()[0].cli(&["CLUSTER", "SLOTS"]).unwrap().contains("127.9.9.9");
    until("the nodes do not announce the new address", announces).await;
    // A new store needs every node.
    let error = options.prefix("new").open(&url).await.unwrap_err();
    assert!(matches!(error, OpenError::Announced { .. }), "{error:?}");
    assert!(error.to_string().contains(&format!("127.9.9.9:{port}")), "{error}");
}
