//! Tables that lose their records while the store is open.

use challenges_core::store::{Batch, Commit, HostTransaction as _, Kind, Load, Record, StoreError, Stored, Write};
use challenges_core::{ChallengeSpec, ChallengeType, Challenges, Error, KeyRing, Owner, Store, Timestamp};
use challenges_postgres::{PostgresOptions, PostgresStore, Statements};
use challenges_proofs::ledger::key;
use challenges_proofs::postgres::PostgresServer;
use sqlx::postgres::PgPoolOptions;

fn create() -> Batch {
    let record = Record { key: key(1, 1), due: None, expires: None, body: "{}".into() };
    Batch::new([1; 16], vec![Write::create(record)]).unwrap()
}

fn assert_emptied<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    match result {
        Err(StoreError::Unavailable(cause)) => {
            assert!(cause.to_string().contains("no longer holds the records"), "{cause}");
            assert!(cause.to_string().contains("restore a backup"), "{cause}");
        }
        other => panic!("{other:?}"),
    }
}

async fn assert_refuses_everything(store: &PostgresStore) {
    assert_emptied(store.commit(create()).await);
    assert_emptied(store.load(&Load::key(key(1, 1))).await);
    assert_emptied(store.load(&Load::key(key(1, 1)).with_owned(&[Kind::TotpEnrollment])).await);
    assert_emptied(store.list(Kind::Challenge, None, None, 10).await);
    assert_emptied(store.list(Kind::Challenge, Some(key(1, 1).id.owner()), None, 10).await);
    assert_emptied(store.due(Kind::Outbox, 0..1024, Timestamp::from_millis(1), 10).await);
}

/// R69: on emptied tables nothing is decided, and no user seems to have no factor. Control: without the comparison of the mark
/// a commit is applied.
#[tokio::test]
async fn emptied_tables_refuse_everything() {
    let ways = ["TRUNCATE challenges.records", "DELETE FROM challenges.records", "DROP SCHEMA challenges CASCADE"];
    for way in ways {
        let server = PostgresServer::start(&[]).unwrap();
        let pool = PgPoolOptions::new().connect(&server.url()).await.unwrap();
        let stores = [
            PostgresStore::connect(&server.url()).await.unwrap(),
            PostgresOptions::new().open_sqlx(pool).await.unwrap(),
        ];
        assert_eq!(stores[0].commit(create()).await.unwrap(), Commit::Applied, "control: before");
        assert_eq!(stores[1].load(&Load::key(key(1, 1))).await.unwrap().len(), 1, "control: before");
        server.query(way).unwrap();
        if !way.starts_with("DROP") {
            for store in &stores {
                assert_refuses_everything(store).await;
            }
        }
        // A process that starts on the empty tables does not bring the old processes back.
        let new = PostgresStore::connect(&server.url()).await.unwrap();
        for store in &stores {
            assert_refuses_everything(store).await;
        }
        assert_eq!(new.commit(create()).await.unwrap(), Commit::Applied, "control: a new store on the empty tables");

        // The mark is not compared, and not returned either, so the store refuses the result.
        let blind = PostgresOptions::new().sql().unwrap().replace("IF NOT FOUND", "IF false");
        let blind = blind.replace("IF NOT EXISTS (SELECT FROM", "IF false AND (SELECT true FROM");
        server.query(&blind).unwrap();
        server.query("TRUNCATE challenges.records").unwrap();
        assert_eq!(new.commit(create()).await.unwrap(), Commit::Applied, "control: without the comparison");
        assert_unmarked(new.load(&Load::key(key(1, 1))).await);
    }
}

fn assert_unmarked(result: Result<Vec<Stored>, StoreError>) {
    match result {
        Err(StoreError::Corrupt(cause)) => assert!(cause.to_string().contains("run PostgresStore::verify"), "{cause}"),
        other => panic!("{other:?}"),
    }
}

/// R61: a function that no longer runs, or returns nothing, is an error, and no user without a factor.
#[tokio::test]
async fn empty_result_is_no_empty_store() {
    let server = PostgresServer::start(&[]).unwrap();
    let pool = PgPoolOptions::new().connect(&server.url()).await.unwrap();
    let mut stores = Vec::new();
    for statements in [Statements::Prepared, Statements::Unprepared] {
        let options = PostgresOptions::new().statements(statements);
        stores.push(options.clone().connect(&server.url()).await.unwrap());
        stores.push(options.open_sqlx(pool.clone()).await.unwrap());
    }
    let challenges = Challenges::builder(stores[0].clone(), KeyRing::generate().unwrap()).build().await.unwrap();
    let (alice, owner) = (Owner::user("alice").unwrap(), key(1, 1).id.owner());
    let all = Load::of(owner).with_owned(&[Kind::TotpEnrollment]);
    for store in &stores {
        assert_eq!(store.load(&all).await.unwrap(), [], "control: before");
    }
    assert!(challenges.account(&alice).status().await.is_ok(), "control: before");

    let function = "challenges.load_records(bigint, smallint[], smallint, text, text)";
    server.query(&format!("ALTER FUNCTION {function} STRICT")).unwrap();
    for store in &stores {
        assert_unmarked(store.load(&all).await);
    }
    let status = challenges.account(&alice).status().await;
    assert!(matches!(status, Err(Error::Store(StoreError::Corrupt(_)))), "{status:?}");

    let sql = PostgresOptions::new().sql().unwrap();
    server.query(&sql.replace("\nBEGIN\n    RETURN QUERY", "\nBEGIN\n    RETURN; RETURN QUERY")).unwrap();
    for store in &stores {
        assert_unmarked(store.load(&Load::key(key(1, 1))).await);
        assert_unmarked(store.list(Kind::Challenge, None, None, 10).await);
        assert_unmarked(store.list(Kind::Challenge, Some(owner), None, 10).await);
        assert_unmarked(store.due(Kind::Outbox, 0..1024, Timestamp::from_millis(1), 10).await);
        assert_unmarked(store.join_sqlx(pool.begin().await.unwrap()).load(&all).await);
    }
    stores[0].migrate().await.unwrap();
    for store in &stores {
        assert_eq!(store.load(&all).await.unwrap(), [], "control: after");
    }
}

/// A dropped schema is an error that names the cure.
#[tokio::test]
async fn dropped_schema_is_an_error() {
    let server = PostgresServer::start(&[]).unwrap();
    let store = PostgresStore::connect(&server.url()).await.unwrap();
    server.query("DROP SCHEMA challenges CASCADE").unwrap();
    for result in [store.commit(create()).await.map(drop), store.load(&Load::key(key(1, 1))).await.map(drop)] {
        let Err(StoreError::Unavailable(cause)) = result else { panic!("{result:?}") };
        assert!(cause.to_string().contains("restore a backup if the schema was dropped"), "{cause}");
    }
}

/// R69: a service that runs on emptied tables says so, instead of creating challenges.
#[tokio::test]
async fn service_reports_emptied_tables() {
    let server = PostgresServer::start(&[]).unwrap();
    let store = PostgresStore::connect(&server.url()).await.unwrap();
    let challenges = Challenges::builder(store, KeyRing::generate().unwrap()).build().await.unwrap();
    let alice = Owner::user("alice").unwrap();
    let spec = || ChallengeSpec::new(ChallengeType::Code).unwrap();
    assert!(challenges.create(alice.clone(), spec()).await.is_ok(), "control: before");
    server.query("TRUNCATE challenges.records").unwrap();
    let refused = challenges.create(alice.clone(), spec()).await;
    assert!(matches!(refused, Err(Error::Store(StoreError::Unavailable(_)))), "{refused:?}");
    assert!(matches!(challenges.account(&alice).status().await, Err(Error::Store(StoreError::Unavailable(_)))));
}

/// Stores that open new tables at the same time agree on the mark.
#[tokio::test]
async fn stores_of_the_same_tables_agree() {
    let server = PostgresServer::start(&[]).unwrap();
    let url = server.url();
    let stores = futures::future::join_all((0..8).map(|_| PostgresStore::connect(&url))).await;
    for store in stores {
        assert!(store.unwrap().load(&Load::key(key(1, 1))).await.is_ok());
    }
}
