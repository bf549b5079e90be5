//! Several processes on a single server.

use std::sync::Arc;

use challenges_core::Store;
use challenges_proofs::race;
use challenges_proofs::redis::RedisServer;
use challenges_redis::RedisStore;

async fn open(url: &str) -> Arc<dyn Store> {
    Arc::new(RedisStore::open(url).await.unwrap())
}

/// R1: of sixteen processes that create the same record, one succeeds.
#[test]
fn only_one_process_creates_each_record() {
    let server = RedisServer::start(&[]).unwrap();
    race::create("processes::child_creates", &server.url(), open);
}

#[tokio::test]
async fn child_creates() {
    race::child_creates(open).await;
}

/// R1: of sixteen processes that answer at once, one passes.
#[test]
fn only_one_of_sixteen_processes_passes() {
    let server = RedisServer::start(&[]).unwrap();
    race::answer("processes::child_answers", &server.url(), open);
}

#[tokio::test]
async fn child_answers() {
    race::child_answers(open).await;
}
