//! Lost replies, errors of the server, and locks held by others.

use challenges_core::Store as _;
use challenges_core::store::{Batch, Commit, Load, Record, StoreError, Write};
use challenges_postgres::{PostgresOptions, PostgresStore};
use challenges_proofs::postgres::PostgresServer;
use challenges_proofs::servers::{Cut, Protocol, Proxy};
use sqlx::postgres::PgPoolOptions;

use challenges_proofs::ledger::key;

fn create(number: u64) -> Batch {
    let record = Record { key: key(1, number), due: None, expires: None, body: "{}".into() };
    Batch::new([1; 16], vec![Write::create(record)]).unwrap()
}

async fn exists(store: &PostgresStore, number: u64) -> bool {
    store.load(&Load::key(key(1, number))).await.unwrap().iter().any(|stored| stored.record.key == key(1, number))
}

/// Checks that a commit whose connection breaks is never reported as applied, nor sent twice.
async fn lost_connections(store: PostgresStore, proxy: Proxy) {
    for number in 0..4 {
        let (warm, cut, lost) =
            (2 * number, 2 * number + 1, [Cut::BeforeRequest, Cut::BeforeReply][number as usize % 2]);
        assert_eq!(store.commit(create(warm)).await.unwrap(), Commit::Applied);
        proxy.cut_next(lost);
        let outcome = store.commit(create(cut)).await;
        assert!(matches!(outcome, Err(StoreError::OutcomeUnknown(_))), "{lost:?}: {outcome:?}");
        assert_eq!(exists(&store, cut).await, lost == Cut::BeforeReply, "{lost:?}");
        // Control: the next commit uses a new connection.
        assert_eq!(store.commit(create(100 + number)).await.unwrap(), Commit::Applied);
    }
}

/// R57: a connection lost after sending leaves the outcome unknown, with tokio-postgres.
#[tokio::test]
async fn lost_reply_is_unknown_with_tokio_postgres() {
    let server = PostgresServer::start(&[]).unwrap();
    let proxy = Proxy::before(server.port(), Protocol::Postgres).await;
    let store = PostgresOptions::new().connections(2).connect(&proxy.url()).await.unwrap();
    lost_connections(store, proxy).await;
}

/// R57: a connection lost after sending leaves the outcome unknown, with sqlx.
#[tokio::test]
async fn lost_reply_is_unknown_with_sqlx() {
    let server = PostgresServer::start(&[]).unwrap();
    let proxy = Proxy::before(server.port(), Protocol::Postgres).await;
    let pool = PgPoolOptions::new().max_connections(2).test_before_acquire(false).connect(&proxy.url()).await.unwrap();
    let store = PostgresOptions::new().open_sqlx(pool).await.unwrap();
    lost_connections(store, proxy).await;
}

/// R57: while another transaction holds the lock of the shard, a commit waits, and after a lock timeout nothing is applied.
#[tokio::test]
async fn held_lock_times_out_and_applies_nothing() {
    let server = PostgresServer::start(&["lock_timeout=20ms"]).unwrap();
    let store = PostgresStore::connect(&server.url()).await.unwrap();
    let pool = PgPoolOptions::new().connect(&server.url()).await.unwrap();
    let mut held = pool.begin().await.unwrap();
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('challenges/challenges'), 1)")
        .execute(&mut *held)
        .await
        .unwrap();
    let outcome = store.commit(create(1)).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    assert!(!exists(&store, 1).await);
    let record = Record { key: key(2, 1), due: None, expires: None, body: "{}".into() };
    let elsewhere = Batch::new([1; 16], vec![Write::create(record)]).unwrap();
    assert_eq!(store.commit(elsewhere).await.unwrap(), Commit::Applied, "control: another shard is free");
    held.rollback().await.unwrap();
    assert_eq!(store.commit(create(1)).await.unwrap(), Commit::Applied, "control: the lock is free");
}

/// R57: the function waits for a held shard as long as the call asks, or the session if that is shorter, and leaves the
/// setting of the session.
#[tokio::test]
async fn wait_for_a_held_shard_is_bounded() {
    let server = PostgresServer::start(&[]).unwrap();
    PostgresStore::connect(&server.url()).await.unwrap();
    let pool = PgPoolOptions::new().connect(&server.url()).await.unwrap();
    let mut holder = pool.begin().await.unwrap();
    let hold = "SELECT pg_advisory_xact_lock(hashtext('challenges/challenges'), 1)";
    sqlx::query(hold).execute(&mut *holder).await.unwrap();
    let commit = |setting: &str, wait: u32| {
        let mark = "(SELECT encode(version, 'hex') FROM challenges.records WHERE kind = -1)";
        let writes = "'{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'";
        server.query(&format!(
            "SET statement_timeout = '60s'; SET lock_timeout = '{setting}';
             SELECT challenges.commit_batches(ARRAY[1], ARRAY[''::bytea], ARRAY[0], {writes}, NULL, {wait}, {mark}),
                 current_setting('lock_timeout')"
        ))
    };
    for (setting, wait) in [("0", 20), ("1d", 20), ("20ms", 3_600_000)] {
        let error = commit(setting, wait).unwrap_err().to_string();
        assert!(error.contains("due to lock timeout"), "{setting} {wait}: {error}");
    }
    assert_eq!(commit("0", 0).unwrap().trim(), "{2}|0", "control: a call that does not wait");
    holder.rollback().await.unwrap();
    for (setting, wait) in [("0", 20_000), ("1d", 20_000), ("20s", 3_600_000)] {
        assert_eq!(commit(setting, wait).unwrap().trim(), format!("{{1}}|{setting}"), "control: a free shard");
    }
}

/// R57: a pool that opens other transactions than READ COMMITTED cannot commit, because the lock would come too late.
#[tokio::test]
async fn later_change_of_isolation_refuses_commits() {
    let server = PostgresServer::start(&[]).unwrap();
    let store = PostgresStore::connect(&server.url()).await.unwrap();
    server.query("ALTER ROLE postgres SET default_transaction_isolation = 'repeatable read'").unwrap();
    server
        .query("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE application_name = 'challenges'")
        .unwrap();
    let outcome = loop {
        match store.commit(create(1)).await {
            // The ended sessions are noticed one by one.
            Err(StoreError::OutcomeUnknown(_)) => {}
            outcome => break outcome,
        }
    };
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    assert!(!exists(&store, 1).await);
}
