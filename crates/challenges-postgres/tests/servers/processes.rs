//! Several processes on a single server.

use std::sync::Arc;

use challenges_core::Store;
use challenges_postgres::PostgresStore;
use challenges_proofs::postgres::PostgresServer;
use challenges_proofs::race;

async fn open(url: &str) -> Arc<dyn Store> {
    Arc::new(PostgresStore::connect(url).await.unwrap())
}

/// R1, R57: of sixteen processes that create the same record, one succeeds.
#[test]
fn only_one_process_creates_each_record() {
    let server = PostgresServer::start(&[]).unwrap();
    race::create("processes::child_creates", &server.url(), open);
}

#[tokio::test]
async fn child_creates() {
    race::child_creates(open).await;
}

/// R1, R57: of sixteen processes that answer at once, one passes.
#[test]
fn only_one_of_sixteen_processes_passes() {
    let server = PostgresServer::start(&[]).unwrap();
    race::answer("processes::child_answers", &server.url(), open);
}

#[tokio::test]
async fn child_answers() {
    race::child_answers(open).await;
}
