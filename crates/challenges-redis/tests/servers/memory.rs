//! Full servers, purging and corrupt values.

use challenges_core::store::{Batch, Commit, Id, Key, Kind, Load, Record, StoreError, Stored, Write};
use challenges_core::{Store as _, Timestamp};
use challenges_proofs::redis::RedisServer;
use challenges_redis::RedisStore;

/// Returns a batch that creates a record, in a shard that depends on the number.
pub(crate) fn create(number: u64) -> (Key, Batch) {
    let owner = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let key = Key::new(Kind::Challenge, Id::new(Timestamp::from_millis(number), owner, 1));
    let expires = Some(Timestamp::from_millis(1_000 + number));
    let record = Record { key, due: None, expires, body: vec![b'x'; 20_000].into() };
    let version = u128::from(number + 1).to_be_bytes();
    (key, Batch::new(version, vec![Write::create(record)]).unwrap())
}

/// The keys and fields of a store without records: the marks of the partitions.
const MARKS: [&str; 2] = ["256", "256"];

/// Returns the number of keys, and of records and marks.
fn left(server: &RedisServer) -> [String; 2] {
    let fields =
        "local sum = 0 for _, key in ipairs(redis.call('KEYS', '*:records')) do sum = sum + redis.call('HLEN', key) end
                  return sum";
    [server.cli(&["DBSIZE"]).unwrap(), server.cli(&["EVAL", fields, "0"]).unwrap()]
}

/// R56: a full server refuses commits and evicts nothing.
#[tokio::test]
async fn full_server_refuses_and_evicts_nothing() {
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
                assert!(store.load(&Load::key(key)).await.unwrap().is_empty());
                refused += 1;
            }
        }
    }
    // The memory of connections varies, so an occasional commit still fits.
    assert!(refused > 500, "the server never became full");
    for key in &live {
        assert!(
            store.load(&Load::key(*key)).await.unwrap().iter().any(|stored| stored.record.key == *key),
            "{key:?} was evicted"
        );
    }
    // A full server still deletes, and then accepts new records.
    let half = live.len() / 2;
    assert_eq!(store.purge(0..Id::SHARDS, Timestamp::MAX, half).await.unwrap(), half);
    let (_, batch) = create(5_000);
    assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
}

#[tokio::test]
async fn deletes_and_purges_clear_every_index() {
    let server = RedisServer::start(&[]).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    let moved = [9; 16];
    let gone = [10; 16];
    for number in 0..40 {
        let (key, batch) = create(number);
        let created = batch.version();
        assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
        let times = (Some(Timestamp::from_millis(500 + number)), Some(Timestamp::from_millis(2_000)));
        let record = Record { key, due: times.0, expires: times.1, body: "{}".into() };
        let batch = Batch::new(moved, vec![Write::update(created, record)]).unwrap();
        assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
        if number % 2 == 0 {
            let batch = Batch::new(gone, vec![Write::delete(key, moved)]).unwrap();
            assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
        }
    }
    assert_ne!(left(&server), MARKS);
    assert_eq!(store.purge(0..Id::SHARDS, Timestamp::MAX, 1_000).await.unwrap(), 20);
    assert_eq!(left(&server), MARKS);
}

/// An entry that is not of this library stops no purge.
#[tokio::test]
async fn junk_entry_stops_no_purge() {
    let server = RedisServer::start(&[]).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    assert_eq!(store.commit(create(0).1).await.unwrap(), Commit::Applied);
    for junk in ["00000000000000000001:x", "00000000000000000002:junk:x", "00000000000000009999:3"] {
        server.cli(&["ZADD", "challenges:{000}:expires", "0", junk]).unwrap();
    }
    assert_eq!(store.purge(0..Id::SHARDS, Timestamp::MAX, 10).await.unwrap(), 1);
    assert_eq!(left(&server), MARKS, "the record and the junk are gone");
}

#[tokio::test]
async fn invalid_value_is_reported_as_corrupt() {
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
        let loaded = store.load(&Load::key(key).with_owned(&[Kind::Challenge])).await;
        assert!(matches!(loaded, Err(StoreError::Corrupt(_))), "{value}: {loaded:?}");
    }
    server.cli(&["DEL", records]).unwrap();
    server.cli(&["SET", records, "another type"]).unwrap();
    assert!(matches!(store.load(&Load::key(key)).await, Err(StoreError::Corrupt(_))));
    assert!(matches!(store.commit(create(0).1).await, Err(StoreError::Corrupt(_))));
}

/// A backlog in other shards of a partition is not read as a whole.
#[tokio::test]
async fn due_and_expired_entries_are_read_in_pages() {
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
        // The backlog is in shards 1, 2 and 3 of the first partition; later entries are in the second.
        let shard = if number < BACKLOG { 1 + number % 3 } else { 4 };
        let owner = (shard << 54) + number;
        assert_eq!(u64::from(Id::shard_of(owner)), shard);
        let id = Id::new(Timestamp::from_millis(number), owner, 1);
        let key = Key::new(Kind::Outbox, id);
        let time = Some(Timestamp::from_millis(number));
        let record = Record { key, due: time, expires: time, body: "{}".into() };
        let version = u128::from(number + 1).to_be_bytes();
        let batch = Batch::new(version, vec![Write::create(record)]).unwrap();
        assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
    }
    let before = sent();
    let due = store.due(Kind::Outbox, 1..Id::SHARDS, Timestamp::MAX, 10).await.unwrap();
    let millis: Vec<_> = due.iter().map(|stored| stored.record.due.unwrap().as_millis()).collect();
    assert_eq!(millis, (0..10).collect::<Vec<_>>());
    assert!(sent() - before < MOST, "{} bytes for ten entries", sent() - before);
    let before = sent();
    assert_eq!(store.purge(1..Id::SHARDS, Timestamp::MAX, 10).await.unwrap(), 10);
    assert!(sent() - before < MOST, "{} bytes for ten entries", sent() - before);
    // Control: reading everything takes more. Entries behind the backlog are found, too.
    let before = sent();
    let all = store.due(Kind::Outbox, 0..Id::SHARDS, Timestamp::MAX, usize::MAX).await.unwrap();
    assert_eq!(all.len() as u64, BACKLOG + LATER - 10);
    assert!(sent() - before > 2 * MOST);
    for shard in 1..5 {
        let of_shard = |stored: &&Stored| stored.record.key.shard() == shard;
        let wanted: Vec<_> = all.iter().filter(of_shard).cloned().collect();
        assert_eq!(store.due(Kind::Outbox, shard..shard + 1, Timestamp::MAX, usize::MAX).await.unwrap(), wanted);
        let last = wanted.len() - 1;
        assert_eq!(store.due(Kind::Outbox, shard..shard + 1, Timestamp::MAX, last).await.unwrap(), wanted[..last]);
        assert_eq!(store.purge(shard..shard + 1, Timestamp::MAX, last).await.unwrap(), last);
        assert_eq!(store.purge(shard..shard + 1, Timestamp::MAX, 10).await.unwrap(), 1);
    }
    assert_eq!(left(&server), MARKS);
}
