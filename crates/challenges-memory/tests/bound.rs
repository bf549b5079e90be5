//! The bound is exact, also under concurrency, and never evicts.
#![allow(missing_docs, clippy::unwrap_used)]

use std::num::NonZeroUsize;

use challenges_core::store::{Batch, Commit, Id, Key, Kind, Load, Record, StoreError, Write};
use challenges_core::{Store, Timestamp};
use challenges_memory::MemoryStore;

const VERSION: [u8; 16] = [1; 16];

fn bounded(limit: usize) -> MemoryStore {
    MemoryStore::with_bound(NonZeroUsize::new(limit).unwrap())
}

/// Returns a key whose shard depends on `number`.
fn key(kind: Kind, number: u64) -> Key {
    Key::new(kind, Id::new(Timestamp::from_millis(number), number << 54 | number, number.into()))
}

fn record(key: Key) -> Record {
    Record { key, due: None, expires: Some(Timestamp::from_millis(100)), body: "{}".into() }
}

fn put(key: Key) -> Write {
    Write::create(record(key))
}

async fn commit(store: &MemoryStore, writes: Vec<Write>) -> Result<Commit, StoreError> {
    store.commit(Batch::new(VERSION, writes).unwrap()).await
}

async fn is_full(store: &MemoryStore, number: u64) -> bool {
    let refused = matches!(commit(store, vec![put(key(Kind::Challenge, number))]).await, Err(StoreError::Full(None)));
    let key = key(Kind::Challenge, number);
    let exists = store.load(&Load::key(key)).await.unwrap().iter().any(|stored| stored.record.key == key);
    assert_ne!(refused, exists, "a refused record was stored, or an accepted one was not");
    refused
}

#[tokio::test]
async fn full_store_refuses_bounded_kinds_only() {
    let store = bounded(2);
    for number in 0..2 {
        assert!(!is_full(&store, number).await);
    }
    for kind in Kind::ALL {
        let created = commit(&store, vec![put(key(kind, 7))]).await;
        assert_eq!(matches!(created, Err(StoreError::Full(None))), kind.is_bounded(), "{kind:?}");
    }
    // A batch with one bounded record is refused as a whole.
    let (challenge, mark) = (key(Kind::Challenge, 9), key(Kind::Outbox, 9));
    assert!(matches!(commit(&store, vec![put(mark), put(challenge)]).await, Err(StoreError::Full(None))));
    assert!(store.load(&Load::key(mark)).await.unwrap().is_empty());
    // Existing records can still be updated, and a conflict is not reported as a full store.
    let update = Write::update(VERSION, record(key(Kind::Challenge, 0)));
    assert_eq!(commit(&store, vec![update]).await.unwrap(), Commit::Applied);
    assert_eq!(commit(&store, vec![put(key(Kind::Challenge, 1))]).await.unwrap(), Commit::Conflict);
}

#[tokio::test]
async fn delete_and_purge_free_room() {
    let store = bounded(2);
    assert!(!is_full(&store, 0).await && !is_full(&store, 1).await && is_full(&store, 2).await);
    let old = key(Kind::Challenge, 0);
    // One batch deletes one record and creates another.
    let mut next = old;
    next.kind = Kind::Endpoint;
    assert_eq!(commit(&store, vec![Write::delete(old, VERSION), put(next)]).await.unwrap(), Commit::Applied);
    assert!(is_full(&store, 2).await);
    assert_eq!(commit(&store, vec![Write::delete(next, VERSION)]).await.unwrap(), Commit::Applied);
    assert!(!is_full(&store, 2).await && is_full(&store, 3).await);
    // Purging bookkeeping records frees no room.
    assert_eq!(commit(&store, vec![put(key(Kind::Counters, 4))]).await.unwrap(), Commit::Applied);
    assert_eq!(store.purge(0..Id::SHARDS, Timestamp::MAX, 100).await.unwrap(), 3);
    assert!(!is_full(&store, 4).await && !is_full(&store, 5).await && is_full(&store, 6).await);
}

#[test]
fn bound_is_exact_under_concurrency() {
    const THREADS: u64 = 8;
    const EACH: u64 = 500;
    let store = bounded(1_000);
    for round in 0..5 {
        let created: usize = std::thread::scope(|scope| {
            let create = |thread| {
                let store = &store;
                move || {
                    let numbers = (0..EACH).map(|number| (round * THREADS + thread) * EACH + number);
                    let created = numbers.map(|number| {
                        futures::executor::block_on(commit(store, vec![put(key(Kind::Challenge, number))])).is_ok()
                    });
                    created.filter(|created| *created).count()
                }
            };
            let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(create(thread))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(created, 1_000);
        let purged = futures::executor::block_on(store.purge(0..Id::SHARDS, Timestamp::MAX, usize::MAX)).unwrap();
        assert_eq!(purged, 1_000);
    }
}
