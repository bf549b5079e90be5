//! R56: a server that is full.

use challenges_core::store::{Batch, Commit, Expect, Key, Kind, Load, Record, StoreError, Stored, Version, Write};
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

/// A backlog in shards that are not asked for, in a partition that a range cuts, is not read as a whole.
#[tokio::test]
async fn what_is_due_and_what_is_expired_is_read_a_page_at_a_time() {
    const BACKLOG: u64 = 3_000;
    const LATER: u64 = 20;
    const MOST: u64 = 100_000;

    let server = RedisServer::start(&[]).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    let sent = || -> u64 {
        let stats = server.cli(&["INFO", "stats"]).unwrap();
        let line = stats.lines().find_map(|line| line.strip_prefix("total_net_output_bytes:")).unwrap();
        line.trim().parse().unwrap()
    };
    for number in 0..BACKLOG + LATER {
        // Shards 1, 2 and 3 of the first partition; what is due last, in the second.
        let shard = if number < BACKLOG { 1 + number % 3 } else { 4 };
        let owner = OwnerTag::new((shard << 54) + number);
        assert_eq!(u64::from(owner.shard().number()), shard);
        let id = Id::new(Timestamp::from_millis(number), owner, 1);
        let key = Key::new(Kind::Outbox, id);
        let time = Some(Timestamp::from_millis(number));
        let record = Record { key, due: time, expires: time, body: "{}".into() };
        let version = Version::from_bytes(u128::from(number + 1).to_be_bytes());
        let batch = Batch::new(version, vec![Write::put(Expect::Absent, record)]).unwrap();
        assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
    }
    let before = sent();
    let due = store.due(Kind::Outbox, 1..SHARDS, Timestamp::MAX, 10).await.unwrap();
    let millis: Vec<_> = due.iter().map(|stored| stored.record.due.unwrap().as_millis()).collect();
    assert_eq!(millis, (0..10).collect::<Vec<_>>());
    assert!(sent() - before < MOST, "{} bytes for ten entries", sent() - before);
    let before = sent();
    assert_eq!(store.purge(1..SHARDS, Timestamp::MAX, 10).await.unwrap(), 10);
    assert!(sent() - before < MOST, "{} bytes for ten entries", sent() - before);
    // The control: all of it is more. And where everything is in the way, what is behind is found.
    let before = sent();
    let all = store.due(Kind::Outbox, 0..SHARDS, Timestamp::MAX, usize::MAX).await.unwrap();
    assert_eq!(all.len() as u64, BACKLOG + LATER - 10);
    assert!(sent() - before > 2 * MOST);
    for shard in 1..5 {
        let of_shard = |stored: &&Stored| stored.record.key.shard().number() == shard;
        let wanted: Vec<_> = all.iter().filter(of_shard).cloned().collect();
        assert_eq!(store.due(Kind::Outbox, shard..shard + 1, Timestamp::MAX, usize::MAX).await.unwrap(), wanted);
        let last = wanted.len() - 1;
        assert_eq!(store.due(Kind::Outbox, shard..shard + 1, Timestamp::MAX, last).await.unwrap(), wanted[..last]);
        assert_eq!(store.purge(shard..shard + 1, Timestamp::MAX, last).await.unwrap(), last);
        assert_eq!(store.purge(shard..shard + 1, Timestamp::MAX, 10).await.unwrap(), 1);
    }
    assert_eq!(server.cli(&["DBSIZE"]).unwrap(), "0");
}
