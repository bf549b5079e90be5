//! The check of the server on open.

use challenges_core::time::{Clock as _, SystemClock};
use challenges_postgres::{Finding, OpenError, PostgresOptions, PostgresStore, ServerCheck};
use challenges_proofs::postgres::PostgresServer;

/// Opens with every check, and returns the findings of a refusal under the default, and of an accepted open.
async fn check(server: &PostgresServer) -> (Option<Vec<Finding>>, Vec<Finding>) {
    let refused = match PostgresStore::connect(&server.url()).await {
        Ok(_) => None,
        Err(OpenError::Unsafe(findings)) => Some(findings.as_slice().to_vec()),
        Err(error) => panic!("{error:?}"),
    };
    let warned = PostgresOptions::new().server_check(ServerCheck::Warn).connect(&server.url()).await;
    (refused, warned.map(|store| store.findings().to_vec()).unwrap_or_default())
}

#[tokio::test]
async fn default_server_has_no_findings() {
    let server = PostgresServer::start(&[]).unwrap();
    let strict = PostgresOptions::new().server_check(ServerCheck::Strict).connect(&server.url()).await.unwrap();
    assert_eq!(strict.findings(), []);
    assert_eq!(check(&server).await, (None, Vec::new()));
}

#[tokio::test]
async fn clock_of_the_server_is_read() {
    let server = PostgresServer::start(&[]).unwrap();
    let store = PostgresStore::connect(&server.url()).await.unwrap();
    let before = SystemClock.now();
    let time = store.server_time().await.unwrap();
    assert!(before.as_millis() <= time.as_millis() + 1 && time <= SystemClock.now(), "the same machine");
}

/// R57: a server that loses acknowledged commits in a crash, or whose transactions read too early, is refused.
#[tokio::test]
async fn unsafe_settings_are_refused_or_warned_of() {
    let mut server = PostgresServer::start(&["fsync=off"]).unwrap();
    assert_eq!(check(&server).await, (Some(vec![Finding::NoFsync]), vec![Finding::NoFsync]));
    server.set_options(&["full_page_writes=off", "synchronous_commit=off"]);
    server.restart().unwrap();
    let found = vec![Finding::TornPages, Finding::SynchronousCommit("off".to_owned())];
    assert_eq!(check(&server).await, (None, found.clone()));
    let strict = PostgresOptions::new().server_check(ServerCheck::Strict).connect(&server.url()).await;
    assert!(matches!(strict, Err(OpenError::Unsafe(findings)) if findings.as_slice() == found));
    server.set_options(&["default_transaction_isolation=serializable"]);
    server.restart().unwrap();
    let found = vec![Finding::Isolation("serializable".to_owned())];
    assert_eq!(check(&server).await, (Some(found.clone()), found));
}

/// R57: a standby is refused by its own URL, and by a pool that does not ask for a primary.
#[tokio::test]
async fn standby_is_refused() {
    let primary = PostgresServer::start(&[]).unwrap();
    let standby = primary.start_standby("standby", &[]).unwrap();
    PostgresStore::connect(&primary.url()).await.unwrap();
    assert!(matches!(PostgresStore::connect(&standby.url()).await, Err(OpenError::Unreachable(_))));
    let pool = sqlx::postgres::PgPoolOptions::new().connect(&standby.url()).await.unwrap();
    let refused = PostgresOptions::new().open_sqlx(pool).await;
    assert!(
        matches!(&refused, Err(OpenError::Unsafe(findings)) if findings.as_slice().contains(&Finding::Standby)),
        "{refused:?}"
    );
    let both = format!("postgres://postgres@127.0.0.1:{},127.0.0.1:{}/postgres", standby.port(), primary.port());
    PostgresStore::connect(&both).await.unwrap();
}

/// R74: an engine whose advisory lock does not exclude another session is refused, whatever the check.
#[tokio::test]
async fn lock_that_excludes_nobody_is_refused() {
    let server = PostgresServer::start(&[]).unwrap();
    // Stands in for an engine that accepts the call and takes no lock.
    server
        .query(
            "ALTER FUNCTION pg_catalog.pg_advisory_xact_lock(integer, integer) RENAME TO real_lock; \
             CREATE FUNCTION pg_catalog.pg_advisory_xact_lock(integer, integer) RETURNS void LANGUAGE sql AS 'SELECT'",
        )
        .unwrap();
    for check in [ServerCheck::Strict, ServerCheck::Safe, ServerCheck::Warn] {
        let refused = PostgresOptions::new().server_check(check).connect(&server.url()).await;
        assert!(
            matches!(&refused, Err(OpenError::Unsafe(findings)) if findings.as_slice() == [Finding::NoLock]),
            "{refused:?}"
        );
    }
    server
        .query(
            "DROP FUNCTION pg_catalog.pg_advisory_xact_lock(integer, integer); \
             ALTER FUNCTION pg_catalog.real_lock(integer, integer) RENAME TO pg_advisory_xact_lock",
        )
        .unwrap();
    PostgresStore::connect(&server.url()).await.unwrap();
}
