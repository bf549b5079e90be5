//! pgbouncer in transaction mode.

use challenges_core::Store as _;
use challenges_core::store::{Kind, Load};
use challenges_postgres::{PostgresOptions, PostgresStore, Statements};
use challenges_proofs::postgres::{Pooler, PostgresServer};
use sqlx::postgres::PgPoolOptions;

use challenges_proofs::ledger::{Audit, Writers, audit, key};

async fn write_under_load(store: &PostgresStore) {
    let writers = Writers::start(store, &[key(0, 1), key(500, 1), key(1_023, 1)]);
    writers.wait_for_commits(200).await;
    let outcomes = writers.stop().await;
    assert!(outcomes.iter().all(|(_, outcomes)| outcomes.unavailable + outcomes.unknown == 0), "{outcomes:?}");
    assert_eq!(audit(store, &outcomes).await, Audit::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokio_postgres_works_behind_a_pooler() {
    let server = PostgresServer::start(&[]).unwrap();
    let pooler = Pooler::start(&server, 3).unwrap();
    let store = PostgresOptions::new().statements(Statements::Unprepared).connect(&pooler.url()).await.unwrap();
    write_under_load(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlx_works_behind_a_pooler() {
    let server = PostgresServer::start(&[]).unwrap();
    let pooler = Pooler::start(&server, 3).unwrap();
    let pool = PgPoolOptions::new().max_connections(6).connect(&pooler.url()).await.unwrap();
    let store = PostgresOptions::new().statements(Statements::Unprepared).open_sqlx(pool).await.unwrap();
    write_under_load(&store).await;
}

/// Control: prepared statements fail behind this pooler, so the tests above would notice one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_prepared_statements_fail_behind_a_pooler() {
    let server = PostgresServer::start(&[]).unwrap();
    let pooler = Pooler::start(&server, 3).unwrap();
    let store = PostgresOptions::new().connect(&pooler.url()).await.unwrap();
    let load = Load::of(1).with_owned(&[Kind::Counters]);
    let results = futures::future::join_all((0..64).map(|_| store.load(&load))).await;
    assert!(results.iter().any(Result::is_err));
}
