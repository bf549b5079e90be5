//! R69: Starts on a store that should hold the records of an earlier start.

use std::sync::Arc;

use challenges_core::store::Kind;
use challenges_core::{Builder, Challenges, Error};
use challenges_memory::MemoryStore;

use crate::harness::{Host, KEYS, records_of};

fn builder(store: &Arc<MemoryStore>) -> Builder {
    Challenges::builder(Arc::clone(store), KEYS.parse().unwrap())
}

/// R69: a service that expects a store does not start on an empty one, and leaves the store empty.
#[tokio::test]
async fn expected_store_must_not_be_empty() {
    let store = Arc::new(MemoryStore::new());
    let refused = builder(&store).expect_existing().build().await;
    let Err(error @ Error::Empty) = refused else { panic!("{refused:?}") };
    let said = error.to_string();
    assert!(said.contains("nobody has a factor") && said.contains("expect_existing"), "{said}");
    assert!(records_of(&store, Kind::Salt).await.is_empty(), "a refused start writes nothing");

    builder(&store).build().await.unwrap();
    assert_eq!(records_of(&store, Kind::Salt).await.len(), 1, "control: an ordinary start creates the record");
    builder(&store).expect_existing().build().await.unwrap();
}

/// R69: the check asks for the record of a start, not for users.
#[tokio::test]
async fn expected_store_keeps_its_users() {
    let host = Host::new().await;
    host.enroll("alice").await;
    let again = builder(&host.store).expect_existing().clock(host.clock.clone()).build().await.unwrap();
    assert_eq!(again.totp().list(&crate::harness::owner("alice"), None, 10).await.unwrap().len(), 1);
}
