//! Servers that lose their records while the store is open, or between two starts.

use challenges_core::store::{Kind, Load, StoreError};
use challenges_core::time::{Clock as _, SystemClock};
use challenges_core::{ChallengeSpec, ChallengeType, Challenges, Error, KeyRing, Owner, Store};
use challenges_proofs::redis::{RedisCluster, RedisServer};
use challenges_redis::{OpenError, RedisOptions, RedisStore};

use challenges_proofs::ledger::{create, key};

fn assert_emptied<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    match result {
        Err(StoreError::Unavailable(cause)) => {
            assert!(cause.to_string().contains("no longer holds the records"), "{cause}");
            assert!(cause.to_string().contains("restore a backup"), "{cause}");
        }
        other => panic!("{other:?}"),
    }
}

async fn assert_refuses_everything(store: &RedisStore) {
    assert_emptied(store.commit(create().1).await);
    assert_emptied(store.load(&Load::key(key(1, 1))).await);
    assert_emptied(store.load(&Load::key(key(1, 1)).with_owned(&[Kind::TotpEnrollment])).await);
    assert_emptied(store.list(Kind::Challenge, None, None, 10).await);
}

/// R69: a server without the store is refused where a store is expected, and stays empty.
#[tokio::test]
async fn missing_store_is_refused_unless_created() {
    let server = RedisServer::start(&[]).unwrap();
    let existing = RedisOptions::new().create_if_missing(false);
    assert!(matches!(existing.open(&server.url()).await, Err(OpenError::Missing)));
    assert_eq!(server.cli(&["DBSIZE"]).unwrap().trim(), "0");
    RedisStore::open(&server.url()).await.unwrap();
    let store = existing.open(&server.url()).await.unwrap();
    let before = SystemClock.now();
    let times = store.server_times().await.unwrap();
    assert!(times.len() == 1 && before <= times[0] && times[0] <= SystemClock.now(), "the same machine: {times:?}");
}

/// R56: on an emptied server nothing is decided, and no user seems to have no factor.
#[tokio::test]
async fn emptied_server_refuses_everything() {
    let server = RedisServer::start(&[]).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    assert!(store.commit(create().1).await.is_ok(), "control: before");
    assert!(store.list(Kind::Challenge, None, None, 10).await.is_ok(), "control: before");
    server.cli(&["FLUSHALL"]).unwrap();
    assert_refuses_everything(&store).await;
    // A process that starts on the empty server does not bring the old process back.
    let new = RedisStore::open(&server.url()).await.unwrap();
    assert_refuses_everything(&store).await;
    assert!(new.commit(create().1).await.is_ok(), "control: a new store on the empty server");
}

/// Restarts a server, and lets the store notice the disconnect.
pub(crate) async fn restarted(mut server: RedisServer, without_volume: bool) -> RedisServer {
    server.kill();
    if without_volume {
        std::fs::remove_dir_all(server.directory().join("appendonlydir")).unwrap();
    }
    server.restart().unwrap();
    // The connection has ended by now. Each turn reads what arrived, and runs the tasks that wait for it.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    server
}

/// R56: a server that restarts without its volume is noticed.
#[tokio::test]
async fn lost_volume_is_noticed_after_restart() {
    let mut server = RedisServer::start(&["--appendonly", "yes", "--appendfsync", "always"]).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    server = restarted(server, false).await;
    assert!(store.commit(create().1).await.is_ok(), "control: a restart with the volume");
    let _server = restarted(server, true).await;
    assert_refuses_everything(&store).await;
}

/// R56: a service that runs on an emptied server says so, instead of creating challenges.
#[tokio::test]
async fn service_reports_emptied_server() {
    let server = RedisServer::start(&[]).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    let challenges = Challenges::builder(store, KeyRing::generate().unwrap()).build().await.unwrap();
    let alice = Owner::user("alice").unwrap();
    let spec = || ChallengeSpec::new(ChallengeType::Code).unwrap();
    assert!(challenges.create(alice.clone(), spec()).await.is_ok(), "control: before");
    server.cli(&["FLUSHALL"]).unwrap();
    let refused = challenges.create(alice, spec()).await;
    assert!(matches!(refused, Err(Error::Store(StoreError::Unavailable(_)))), "{refused:?}");
}

/// R56: a cluster of which one node lost its records is refused on open.
#[tokio::test]
async fn partly_emptied_cluster_is_refused_on_open() {
    let cluster = RedisCluster::start(3, &[]).unwrap();
    let store = RedisStore::open(&cluster.url()).await.unwrap();
    assert!(RedisStore::open(&cluster.url()).await.is_ok(), "control: before");
    let primary = cluster.primaries().unwrap()[0];
    cluster.nodes()[primary].cli(&["FLUSHALL"]).unwrap();
    match RedisStore::open(&cluster.url()).await {
        Err(OpenError::Emptied { missing, all }) => assert!(missing > 0 && missing < all, "{missing} of {all}"),
        other => panic!("{other:?}"),
    }
    let mut refused = 0;
    for number in 0..60 {
        refused += usize::from(store.commit(crate::memory::create(number).1).await.is_err());
    }
    assert!(refused > 0 && refused < 60, "{refused} of 60 commits refused");
}

/// Stores that open an empty server at the same time agree on the marks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simultaneous_first_opens_agree() {
    let server = RedisServer::start(&[]).unwrap();
    let opens = (0..8).map(|_| {
        let url = server.url();
        tokio::spawn(async move { RedisStore::open(&url).await })
    });
    for open in opens.collect::<Vec<_>>() {
        let store = open.await.unwrap().unwrap();
        for _ in 0..20 {
            assert!(store.commit(create().1).await.is_ok());
        }
    }
}
