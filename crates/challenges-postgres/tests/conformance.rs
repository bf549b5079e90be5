//! Store conformance on PostgreSQL, with every driver.
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use challenges_postgres::{PostgresOptions, PostgresStore, Statements};
use challenges_proofs::postgres::PostgresServer;
use challenges_testkit::conformance::{Case, Suite, survives_reopen};
use sqlx::postgres::PgPoolOptions;

static SERVER: LazyLock<PostgresServer> = LazyLock::new(|| PostgresServer::start(&["max_connections=400"]).unwrap());

/// Returns options for a new schema. Of 256 tasks on 4 connections, the last ones wait for many calls of the others, so
/// that a busy machine would exceed the default timeout.
fn options() -> PostgresOptions {
    static STORES: AtomicUsize = AtomicUsize::new(0);
    PostgresOptions::new()
        .timeout(Duration::from_secs(120))
        .connections(4)
        .schema(format!("store{}", STORES.fetch_add(1, Ordering::Relaxed)))
}

/// Creates a suite with a separate schema for each case.
fn tokio_postgres(statements: Statements) -> Suite {
    Suite::new(move || async move { options().statements(statements).connect(&SERVER.url()).await.unwrap() })
}

fn sqlx(statements: Statements) -> Suite {
    Suite::new(move || async move {
        let pool = PgPoolOptions::new().max_connections(4).connect(&SERVER.url()).await.unwrap();
        options().statements(statements).open_sqlx(pool).await.unwrap()
    })
}

mod with_tokio_postgres {
    use super::*;

    challenges_testkit::conformance_tests! {
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        tokio_postgres(Statements::Prepared)
            .rounds(2)
            .spawner(|task| Box::pin(async { tokio::spawn(task).await.unwrap() }))
    }
}

mod with_sqlx {
    use super::*;

    challenges_testkit::conformance_tests! {
        #[tokio::test]
        sqlx(Statements::Prepared).rounds(1)
    }
}

/// Cases that use every statement and every form of value. All cases run with CHALLENGES_FULL=1.
async fn without_prepared_statements(suite: Suite) {
    let cases = [
        Case::AllOrNothing,
        Case::Bodies,
        Case::DueOrder,
        Case::ExtremeTimes,
        Case::ListOfAll,
        Case::ListOfAnOwner,
        Case::OneWinner,
        Case::PurgeBacklog,
        Case::Siblings,
        Case::StaleUpdate,
    ];
    let all = std::env::var_os("CHALLENGES_FULL").is_some();
    for case in if all { Case::ALL } else { &cases } {
        suite.check(*case).await.unwrap();
    }
}

#[tokio::test]
async fn tokio_postgres_conforms_without_prepared_statements() {
    without_prepared_statements(tokio_postgres(Statements::Unprepared).rounds(1)).await;
}

#[tokio::test]
async fn sqlx_conforms_without_prepared_statements() {
    without_prepared_statements(sqlx(Statements::Unprepared).rounds(1)).await;
}

#[tokio::test]
async fn acknowledged_commits_survive_reopen() {
    let mut server = PostgresServer::start(&[]).unwrap();
    let url = server.url();
    let store = PostgresStore::connect(&url).await.unwrap();
    survives_reopen(store, || async {
        server.restart().unwrap();
        PostgresStore::connect(&url).await.unwrap()
    })
    .await
    .unwrap();
}
