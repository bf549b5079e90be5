//! Calls shared by concurrent commits, and notifications.

use std::time::Duration;

use challenges_core::store::{Batch, Commit, HostTransaction as _, Record, Write};
use challenges_core::{Store as _, Timestamp};
use challenges_postgres::{PostgresOptions, PostgresStore};
use challenges_proofs::postgres::PostgresServer;
use challenges_proofs::servers::{Protocol, Proxy};
use futures::future::join_all;
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::time::timeout;

use challenges_proofs::ledger::key;

const LONG: Duration = Duration::from_secs(30);

fn create(shard: u16, number: u64, due: Option<Timestamp>) -> Batch {
    let record = Record { key: key(shard, number), due, expires: None, body: "{}".into() };
    Batch::new([1; 16], vec![Write::create(record)]).unwrap()
}

#[tokio::test]
async fn concurrent_commits_share_calls() {
    let server = PostgresServer::start(&[]).unwrap();
    let proxy = Proxy::before(server.port(), Protocol::Postgres).await;
    let store = PostgresOptions::new().connect(&proxy.url()).await.unwrap();
    // Connects and prepares.
    join_all((0..64).map(|shard| store.commit(create(shard, 1, None)))).await;
    let before = proxy.trips();
    for outcome in join_all((0..64).map(|shard| store.commit(create(shard, 2, None)))).await {
        assert_eq!(outcome.unwrap(), Commit::Applied);
    }
    let together = proxy.trips() - before;
    assert!(together <= 8, "{together} round trips for 64 commits at once");
    let before = proxy.trips();
    for shard in 0..64 {
        assert_eq!(store.commit(create(shard, 3, None)).await.unwrap(), Commit::Applied);
    }
    assert_eq!(proxy.trips() - before, 64, "control: commits one after another share nothing");
}

/// A batch of the group fails alone.
#[tokio::test]
async fn conflict_fails_no_other_batch() {
    let server = PostgresServer::start(&[]).unwrap();
    let store = PostgresOptions::new().connect(&server.url()).await.unwrap();
    // The same record twice, among others of the same shard.
    let numbers = [1, 2, 3, 2, 4, 5];
    let outcomes = join_all(numbers.map(|number| store.commit(create(7, number, None)))).await;
    let outcomes: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    let applied = outcomes.iter().filter(|outcome| **outcome == Commit::Applied).count();
    assert_eq!((applied, outcomes[3]), (5, Commit::Conflict), "{outcomes:?}");
}

/// A transaction of the host that holds a shard delays commits of this shard only.
#[tokio::test]
async fn held_shard_delays_no_other() {
    let server = PostgresServer::start(&[]).unwrap();
    let store = PostgresOptions::new().timeout(Duration::from_secs(60)).connect(&server.url()).await.unwrap();
    let pool = PgPoolOptions::new().connect(&server.url()).await.unwrap();
    let mut held = pool.begin().await.unwrap();
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('challenges/challenges'), 3)")
        .execute(&mut *held)
        .await
        .unwrap();
    for number in 0..4 {
        let mut waits = Box::pin(store.commit(create(3, number, None)));
        let others = join_all((10..40).map(|shard| store.commit(create(shard, number, None))));
        let others = tokio::select! {
            biased;
            outcome = &mut waits => panic!("the shard is held: {outcome:?}"),
            others = others => others,
        };
        assert!(others.into_iter().all(|outcome| outcome.unwrap() == Commit::Applied));
        // The caller goes away; the batch is applied as a whole after the release.
    }
    let last = store.commit(create(3, 100, None));
    held.rollback().await.unwrap();
    assert_eq!(last.await.unwrap(), Commit::Applied, "control: the shard is free");
    assert_eq!(store.commit(create(3, 0, None)).await.unwrap(), Commit::Conflict);
}

/// All commits that meet a held shard end with the timeout, instead of one after the other.
#[tokio::test]
async fn commits_of_a_held_shard_end_together() {
    const COMMITS: u64 = 24;
    let server = PostgresServer::start(&[]).unwrap();
    let proxy = Proxy::before(server.port(), Protocol::Postgres).await;
    let store = PostgresOptions::new().timeout(Duration::from_secs(1)).connect(&proxy.url()).await.unwrap();
    let pool = PgPoolOptions::new().connect(&server.url()).await.unwrap();
    // Connects and prepares.
    join_all((0..8).map(|shard| store.commit(create(shard, 1, None)))).await;
    let mut held = pool.begin().await.unwrap();
    let lock = "SELECT pg_advisory_xact_lock(hashtext('challenges/challenges'), 3)";
    sqlx::query(lock).execute(&mut *held).await.unwrap();
    let before = proxy.trips();
    let outcomes = join_all((0..COMMITS).map(|number| store.commit(create(3, 10 + number, None)))).await;
    assert!(outcomes.iter().all(Result::is_err), "control: {outcomes:?}");
    let trips = proxy.trips() - before;
    assert!(trips < COMMITS / 2, "{trips} calls waited, each for the lock");
    held.rollback().await.unwrap();
    assert_eq!(store.commit(create(3, 10, None)).await.unwrap(), Commit::Applied, "control: the shard is free");
}

/// Transactions of the host that hold more shards than calls run at once delay no commit of another shard.
#[tokio::test]
async fn many_held_shards_delay_no_other() {
    const HELD: u16 = 8;
    let server = PostgresServer::start(&[]).unwrap();
    let store = PostgresOptions::new().timeout(Duration::from_secs(60)).connect(&server.url()).await.unwrap();
    let pool = PgPoolOptions::new().connect(&server.url()).await.unwrap();
    let mut held = pool.begin().await.unwrap();
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    let mut commits = Vec::new();
    for shard in 0..HELD {
        sqlx::query("SELECT pg_advisory_xact_lock(hashtext('challenges/challenges'), $1)")
            .bind(i32::from(shard))
            .execute(&mut *held)
            .await
            .unwrap();
        // Alone in its call, because the commits before wait for the server already.
        let mut waits = Box::pin(store.commit(create(shard, 1, None)));
        loop {
            tokio::select! {
                biased;
                outcome = &mut waits => panic!("the shard is held: {outcome:?}"),
                count = sqlx::query_scalar::<_, i64>(waiting).fetch_one(&pool) => {
                    if count.unwrap() == i64::from(shard) + 1 { break }
                }
            }
        }
        commits.push(waits);
        let free = timeout(LONG, store.commit(create(500, shard.into(), None))).await;
        let free = free.unwrap_or_else(|_| panic!("a commit waits for {} other shards", shard + 1));
        assert_eq!(free.unwrap(), Commit::Applied);
    }
    held.rollback().await.unwrap();
    for outcome in join_all(commits).await {
        assert_eq!(outcome.unwrap(), Commit::Applied, "control: the shards are free");
    }
}

/// R74: two stores that assert each other's record to be absent do not both write: the second waits for the lock.
#[tokio::test]
async fn assertion_waits_for_the_lock_of_another_store() {
    let server = PostgresServer::start(&[]).unwrap();
    let pool = PgPoolOptions::new().connect(&server.url()).await.unwrap();
    let (first, second) = (
        PostgresOptions::new().open_sqlx(pool.clone()).await.unwrap(),
        PostgresStore::connect(&server.url()).await.unwrap(),
    );
    let skewed = |absent, put| {
        let record = Record { key: key(1, put), due: None, expires: None, body: "{}".into() };
        let writes = vec![Write::keep(key(1, absent), None), Write::create(record)];
        Batch::new([1; 16], writes).unwrap()
    };
    let mut open = first.join_sqlx(pool.begin().await.unwrap());
    assert_eq!(open.apply(skewed(1, 2)).await.unwrap(), Commit::Applied);
    let mut waits = Box::pin(second.commit(skewed(2, 1)));
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    loop {
        tokio::select! {
            biased;
            outcome = &mut waits => panic!("the commit did not wait: {outcome:?}"),
            count = sqlx::query_scalar::<_, i64>(waiting).fetch_one(&pool) => if count.unwrap() == 1 { break },
        }
    }
    open.commit().await.unwrap();
    assert_eq!(waits.await.unwrap(), Commit::Conflict);
    assert_eq!(second.commit(skewed(3, 4)).await.unwrap(), Commit::Applied, "control");
}

/// A commit notifies once if it creates a due record.
#[tokio::test]
async fn due_records_notify_by_choice() {
    let server = PostgresServer::start(&[]).unwrap();
    let silent = PostgresOptions::new().connect(&server.url()).await.unwrap();
    let store = PostgresOptions::new().notify(true).connect(&server.url()).await.unwrap();
    let mut listener = PgListener::connect(&server.url()).await.unwrap();
    listener.listen_all(["challenges_due", "end"]).await.unwrap();
    let due = Some(Timestamp::from_millis(1));
    assert_eq!(silent.commit(create(1, 1, due)).await.unwrap(), Commit::Applied);
    assert_eq!(store.commit(create(1, 2, None)).await.unwrap(), Commit::Applied);
    assert_eq!(store.commit(create(1, 3, due)).await.unwrap(), Commit::Applied);
    assert_eq!(store.commit(create(1, 3, due)).await.unwrap(), Commit::Conflict);
    // A lease: the entry is due later.
    let lease = Record { key: key(1, 3), due: Some(Timestamp::from_millis(9)), expires: None, body: "{}".into() };
    let version = [1; 16];
    let lease = Batch::new([2; 16], vec![Write::update(version, lease)]).unwrap();
    assert_eq!(store.commit(lease).await.unwrap(), Commit::Applied);
    server.query("NOTIFY \"end\"").unwrap();
    let mut channels = Vec::new();
    while channels.last().is_none_or(|channel| channel != "end") {
        channels.push(listener.recv().await.unwrap().channel().to_owned());
    }
    assert_eq!(channels, ["challenges_due", "end"]);
}
