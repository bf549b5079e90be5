//! Tables that lose their records while the store is open.

use challenges_core::store::{Batch, Commit, Kind, Load, Record, StoreError, Write};
use challenges_core::{ChallengeSpec, ChallengeType, Challenges, Error, KeyRing, Owner, Store};
use challenges_postgres::{PostgresOptions, PostgresStore};
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
}

/// R69: on emptied tables nothing is decided, and no user seems to have no factor. Control: the same loads without the
/// comparison of the mark find nothing, and raise no error.
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

        server
            .query(
                &PostgresOptions::new()
                    .sql()
                    .unwrap()
                    .replace("IF NOT EXISTS (SELECT FROM", "IF false AND (SELECT true FROM"),
            )
            .unwrap();
        server.query("TRUNCATE challenges.records").unwrap();
        assert!(new.load(&Load::key(key(1, 1))).await.unwrap().is_empty(), "control: without the comparison");
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
