//! Crashes under load, of a server.

use std::sync::Arc;

use challenges_core::Challenges;
use challenges_postgres::PostgresStore;
use challenges_proofs::accounts;
use challenges_proofs::postgres::PostgresServer;
use challenges_proofs::servers::{KEYS, account_loop, answer_loop, kill_loop};

fn rounds() -> u64 {
    if std::env::var_os("CHALLENGES_FULL").is_some() { 1_000 } else { 3 }
}

/// R74: every acknowledged write is present once, and no conflicting write is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_loses_no_acknowledged_write() {
    let mut server = PostgresServer::start(&[]).unwrap();
    let store = PostgresStore::connect(&server.url()).await.unwrap();
    kill_loop(&mut server, &store, rounds()).await;
}

/// R1, R74: concurrent callers retry the right answer while the server crashes, and at most one is accepted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answer_is_accepted_once_across_crashes() {
    let mut server = PostgresServer::start(&[]).unwrap();
    let store = PostgresStore::connect(&server.url()).await.unwrap();
    let challenges = Challenges::builder(store, KEYS.parse().unwrap()).build().await.unwrap();
    answer_loop(&mut server, &challenges, rounds()).await;
}

/// R67, R68, R70, R72, R75: no change of an account is lost or half done, and each change has a notice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_changes_survive_kill_9() {
    let mut server = PostgresServer::start(&[]).unwrap();
    let store = PostgresStore::connect(&server.url()).await.unwrap();
    let challenges = accounts::service(Arc::new(store), KEYS.parse().unwrap()).await.unwrap();
    account_loop(&mut server, &challenges, rounds()).await;
}
