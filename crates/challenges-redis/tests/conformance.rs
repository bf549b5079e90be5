//! Store conformance on a Redis server and a cluster.
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use challenges_proofs::redis::{RedisCluster, RedisServer};
use challenges_redis::{RedisOptions, RedisStore};
use challenges_testkit::conformance::{Suite, survives_reopen};

static SERVER: LazyLock<RedisServer> = LazyLock::new(|| RedisServer::start(&[]).unwrap());
static CLUSTER: LazyLock<RedisCluster> = LazyLock::new(|| RedisCluster::start(3, &[]).unwrap());

/// Creates a suite with a separate key prefix for each case.
fn suite(url: impl Fn() -> String + Send + Sync + 'static) -> Suite {
    static STORES: AtomicUsize = AtomicUsize::new(0);
    Suite::new(move || {
        let url = url();
        let options = RedisOptions::new().prefix(format!("store{}", STORES.fetch_add(1, Ordering::Relaxed)));
        async move { options.open(&url).await.unwrap() }
    })
}

mod on_one_thread {
    use super::*;

    challenges_testkit::conformance_tests! {
        #[tokio::test]
        suite(|| SERVER.url()).rounds(1)
    }
}

mod in_parallel {
    use super::*;

    challenges_testkit::conformance_tests! {
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        suite(|| SERVER.url()).rounds(3).spawner(|task| Box::pin(async { tokio::spawn(task).await.unwrap() }))
    }
}

mod on_a_cluster {
    use super::*;

    challenges_testkit::conformance_tests! {
        #[tokio::test]
        suite(|| CLUSTER.url()).rounds(1)
    }
}

mod on_a_cluster_in_parallel {
    use super::*;

    challenges_testkit::conformance_tests! {
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        suite(|| CLUSTER.url()).rounds(1).spawner(|task| Box::pin(async { tokio::spawn(task).await.unwrap() }))
    }
}

#[tokio::test]
async fn acknowledged_commits_survive_reopen() {
    let mut server = RedisServer::start(&["--appendonly", "yes", "--appendfsync", "always"]).unwrap();
    let url = server.url();
    let store = RedisStore::open(&url).await.unwrap();
    survives_reopen(store, || async {
        server.restart().unwrap();
        RedisStore::open(&url).await.unwrap()
    })
    .await
    .unwrap();
}
