//! R56: a server that is full.

use challenges_core::store::{Batch, Commit, Expect, Key, Kind, Load, Record, StoreError, Version, Write};
use challenges_core::{Id, OwnerTag, SHARDS, Store as _, Timestamp};
use challenges_redis::RedisStore;
use challenges_testkit::redis::RedisServer;

fn create(number: u64) -> (Key, Batch) {
    let owner = OwnerTag::new(number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let key = Key::new(Kind::Challenge, Id::new(Timestamp::from_millis(number), owner, 1));
    let expires = Some(Timestamp::from_millis(1_000 + number));
    let record = Record { key, due: None, expires, body: vec![b'x'; 20_000].into() };
    let version = Version::from_bytes(u128::from(number + 1).to_be_bytes());
    (key, Batch::new(version, vec![Write::put(Expect::Absent, record)]).unwrap())
}

#[tokio::test]
async fn r56_a_flood_is_refused_and_evicts_nothing() {
    let server = RedisServer::start(&["--maxmemory", "6mb", "--maxmemory-policy", "noeviction"]).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    let (mut live, mut refused) = (Vec::new(), 0);
    for number in 0..1_000 {
        let (key, batch) = create(number);
        match store.commit(batch).await {
            Ok(commit) => {
                assert_eq!(commit, Commit::Applied);
                live.push(key);
            }
            Err(error) => {
                assert!(matches!(error, StoreError::Full(Some(_))), "{error:?}");
                assert!(store.load(&Load::key(key)).await.unwrap().records().is_empty());
                refused += 1;
            }
        }
    }
    // What connections hold comes and goes, so now and then there is room for one more.
    assert!(refused > 500, "the server does not fill up");
    for key in &live {
        assert!(store.load(&Load::key(*key)).await.unwrap().find(*key).is_some(), "{key:?} was evicted");
    }
    // A full server still deletes, and takes new records then.
    let half = live.len() / 2;
    assert_eq!(store.purge(0..SHARDS, Timestamp::MAX, half).await.unwrap(), half);
    let (_, batch) = create(5_000);
    assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
}

/// What is deleted and what expires leaves nothing in any index: the keys themselves are gone.
#[tokio::test]
async fn nothing_is_left_of_records_that_are_gone() {
    let server = RedisServer::start(&[]).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    let moved = Version::from_bytes([9; 16]);
    let gone = Version::from_bytes([10; 16]);
    for number in 0..40 {
        let (key, batch) = create(number);
        let created = batch.version();
        assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
        let times = (Some(Timestamp::from_millis(500 + number)), Some(Timestamp::from_millis(2_000)));
        let record = Record { key, due: times.0, expires: times.1, body: "{}".into() };
        let batch = Batch::new(moved, vec![Write::put(Expect::At(created), record)]).unwrap();
        assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
        if number % 2 == 0 {
            let batch = Batch::new(gone, vec![Write::delete(key, moved)]).unwrap();
            assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
        }
    }
    assert_ne!(server.cli(&["DBSIZE"]).unwrap(), "0");
    assert_eq!(store.purge(0..SHARDS, Timestamp::MAX, 1_000).await.unwrap(), 20);
    assert_eq!(server.cli(&["DBSIZE"]).unwrap(), "0");
}

#[tokio::test]
async fn what_is_no_record_is_corrupt_and_no_panic() {
    let server = RedisServer::start(&[]).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    let (key, batch) = create(0);
    assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
    let field = format!("3:{}", key.id);
    let records = "challenges:{000}:records";
    for value in ["", "short", &"z".repeat(100), &format!("{}{}", "+f".repeat(16), "-".repeat(40))] {
        server.cli(&["HSET", records, &field, value]).unwrap();
        let loaded = store.load(&Load::key(key)).await;
        assert!(matches!(loaded, Err(StoreError::Corrupt(_))), "{value}: {loaded:?}");
        let loaded = store.load(&Load::key(key).with_siblings(&[Kind::Challenge])).await;
        assert!(matches!(loaded, Err(StoreError::Corrupt(_))), "{value}: {loaded:?}");
    }
    server.cli(&["DEL", records]).unwrap();
    server.cli(&["SET", records, "another type"]).unwrap();
    assert!(matches!(store.load(&Load::key(key)).await, Err(StoreError::Corrupt(_))));
    assert!(matches!(store.commit(create(0).1).await, Err(StoreError::Corrupt(_))));
}
