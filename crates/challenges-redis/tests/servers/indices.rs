//! Index entries that no commit wrote.

use challenges_core::store::{Batch, Commit, Id, Key, Kind, Load, Record, Write};
use challenges_core::{Store as _, Timestamp};
use challenges_proofs::redis::RedisServer;
use challenges_redis::RedisStore;

/// The first partition, which holds the shards 0 to 3.
const PARTITION: &str = "challenges:{000}";

/// Creates a record in the first partition.
async fn create(store: &RedisStore, kind: Kind, number: u64, due: Option<u64>, expires: Option<u64>) -> Key {
    let key = Key::new(kind, Id::new(Timestamp::from_millis(number), 1, number.into()));
    let [due, expires] = [due, expires].map(|millis| millis.map(Timestamp::from_millis));
    let record = Record { key, due, expires, body: "{}".into() };
    let batch = Batch::new(u128::from(number + 1).to_be_bytes(), vec![Write::create(record)]).unwrap();
    assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
    key
}

fn add(server: &RedisServer, index: &str, entry: &str) {
    assert_eq!(server.cli(&["ZADD", &format!("{PARTITION}:{index}"), "0", entry]).unwrap().trim(), "1");
}

fn size(server: &RedisServer, index: &str) -> String {
    server.cli(&["ZCARD", &format!("{PARTITION}:{index}")]).unwrap().trim().to_owned()
}

/// R61: an entry of another time in the index of expiries deletes no record, whether or not the record expires.
#[tokio::test]
async fn foreign_expiry_deletes_no_record() {
    let server = RedisServer::start(&[]).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    let salt = create(&store, Kind::Salt, 0, None, None).await;
    let enrollment = create(&store, Kind::TotpEnrollment, 1, None, None).await;
    let counters = create(&store, Kind::Counters, 2, None, Some(9_000)).await;
    for key in [salt, enrollment, counters] {
        add(&server, "expires", &format!("{:020}:{}:{}", 1_000, key.kind.code(), key.id));
    }
    assert_eq!(store.purge(0..Id::SHARDS, Timestamp::from_millis(2_000), 10).await.unwrap(), 0);
    for key in [salt, enrollment, counters] {
        assert_eq!(store.load(&Load::key(key)).await.unwrap().len(), 1, "{key:?}");
    }
    assert_eq!(size(&server, "expires"), "1", "the foreign entries are gone");
    // Control: the record's own entry still deletes, and only when expired.
    assert_eq!(store.purge(0..Id::SHARDS, Timestamp::from_millis(9_000), 10).await.unwrap(), 0);
    assert_eq!(store.purge(0..Id::SHARDS, Timestamp::from_millis(9_001), 10).await.unwrap(), 1);
    assert!(store.load(&Load::key(counters)).await.unwrap().is_empty());
    assert_eq!([size(&server, "expires"), size(&server, "index")], ["0", "2"]);
}
