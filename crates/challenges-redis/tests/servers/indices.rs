//! Index entries that no commit wrote, and an index that lost entries.

use challenges_core::store::{Batch, Commit, Id, Key, Kind, Load, Record, StoreError, Write};
use challenges_core::{Store as _, Timestamp};
use challenges_proofs::redis::{RedisCluster, RedisServer};
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

/// R56: with the index of a partition gone in whole or in part, as after an eviction, nothing is decided there.
#[tokio::test]
async fn lost_index_refuses_everything() {
    let server = RedisServer::start(&[]).unwrap();
    refuses_without_index(&server.url(), &server).await;
}

/// R56: the same on a cluster.
#[tokio::test]
async fn lost_index_refuses_everything_on_cluster() {
    let cluster = RedisCluster::start(3, &[]).unwrap();
    // Other nodes answer MOVED.
    let owns = |node: &&RedisServer| node.cli(&["EXISTS", &format!("{PARTITION}:records")]).is_ok();
    refuses_without_index(&cluster.url(), cluster.nodes().iter().find(owns).unwrap()).await;
}

async fn refuses_without_index(url: &str, server: &RedisServer) {
    let store = RedisStore::open(url).await.unwrap();
    let enrollment = create(&store, Kind::TotpEnrollment, 1, None, None).await;
    create(&store, Kind::Counters, 2, None, None).await;
    let owned = Load::of(enrollment.id.owner()).with_owned(&[Kind::TotpEnrollment]);
    assert_eq!(store.load(&owned).await.unwrap().len(), 1, "control");
    let index = format!("{PARTITION}:index");
    let entries = server.cli(&["ZRANGE", &index, "0", "-1"]).unwrap();
    for lost in [entries.lines().collect::<Vec<_>>(), entries.lines().take(1).collect()] {
        let count = lost.len();
        let removed = server.cli(&[&["ZREM", &index], lost.as_slice()].concat()).unwrap();
        assert_eq!(removed.trim(), count.to_string());
        assert_incomplete(store.load(&owned).await, &index);
        assert_incomplete(store.list(Kind::TotpEnrollment, None, None, 10).await, &index);
        let record = Record { key: enrollment, due: None, expires: None, body: "{}".into() };
        let batch = Batch::new([9; 16], vec![Write::update([0; 16], record)]).unwrap();
        assert_incomplete(store.commit(batch.clone()).await, &index);
        for entry in lost {
            add(server, "index", entry);
        }
        assert_eq!(store.load(&owned).await.unwrap().len(), 1, "control: all entries are back");
        assert_eq!(store.list(Kind::TotpEnrollment, None, None, 10).await.unwrap().len(), 1, "control");
        assert_eq!(store.commit(batch).await.unwrap(), Commit::Conflict, "control");
    }
}

/// Checks the error of a call to a partition without some entries of an index.
fn assert_incomplete<T: std::fmt::Debug>(result: Result<T, StoreError>, key: &str) {
    let Err(StoreError::Unavailable(cause)) = result else { panic!("{result:?}") };
    for advice in ["no longer holds the records", "noeviction", "restore a backup"] {
        assert!(cause.to_string().contains(advice), "{cause}");
    }
    let source = cause.source().unwrap().to_string();
    assert!(source.contains(key), "the operator learns the key: {source}");
}

/// An index entry without a record is removed, and hides no record: lists, and walks over all records, go on.
#[tokio::test]
async fn list_skips_entries_without_record() {
    let server = RedisServer::start(&[]).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    let kind = Kind::TotpEnrollment;
    let mut keys = Vec::new();
    for number in 0..4 {
        keys.push(create(&store, kind, 2 * number, None, None).await);
        // Between the records, in runs longer than a page, and behind the last.
        for odd in 0..5 {
            let stray = Id::new(Timestamp::from_millis(2 * number + 1), 1, odd).to_string();
            add(&server, "index", &format!("{}:{}:{stray}", kind.code(), &stray[7..18]));
        }
    }
    add(&server, "index", &format!("{}:junk", kind.code()));
    let mut walked = Vec::new();
    loop {
        let page = store.list(kind, None, walked.last().map(|key: &Key| key.id), 2).await.unwrap();
        let is_last = page.len() < 2;
        walked.extend(page.into_iter().map(|stored| stored.record.key));
        if is_last {
            break;
        }
    }
    assert_eq!(walked, keys);
    assert_eq!(size(&server, "index"), "4");
}

/// R61: entries of the due index without a record, or of another time, hold up no message, and are removed.
#[tokio::test]
async fn stale_due_entries_hold_up_no_record() {
    const STALE: u64 = 300;
    let server = RedisServer::start(&[]).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    let due = create(&store, Kind::Outbox, 1, Some(5_000), None).await;
    let later = create(&store, Kind::Outbox, 2, Some(9_000), None).await;
    let absent = |number| Id::new(Timestamp::from_millis(number), 1, 1_000);
    let stale: Vec<_> = (0..STALE).map(|number| format!("0 8:{:020}:{}", 1, absent(number))).collect();
    let command = format!("ZADD {PARTITION}:due {}", stale.join(" "));
    assert_eq!(server.cli(&command.split(' ').collect::<Vec<_>>()).unwrap().trim(), STALE.to_string());
    // Another time than the record's, and no entry of this library.
    add(&server, "due", &format!("8:{:020}:{}", 1, later.id));
    add(&server, "due", "8:0");
    add(&server, "due", &format!("8:{:020}:junk", 1));
    let found = async |limit| {
        let found = store.due(Kind::Outbox, 0..Id::SHARDS, Timestamp::from_millis(6_000), limit).await.unwrap();
        found.into_iter().map(|stored| stored.record.key).collect::<Vec<_>>()
    };
    // With a limit of one, as a dispatcher asks for the next due time, and of a look for entries to perform.
    assert_eq!(found(1).await, [due]);
    assert_eq!(found(256).await, [due]);
    let all = store.due(Kind::Outbox, 0..Id::SHARDS, Timestamp::MAX, 256).await.unwrap();
    assert_eq!(all.iter().map(|stored| stored.record.key).collect::<Vec<_>>(), [due, later], "control: both are due");
    assert_eq!(size(&server, "due"), "2", "the stale entries are gone");
}

/// The same on a cluster, with stale entries on every node.
#[tokio::test]
async fn stale_due_entries_are_removed_on_cluster() {
    let cluster = RedisCluster::start(3, &[]).unwrap();
    let store = RedisStore::open(&cluster.url()).await.unwrap();
    let due = create(&store, Kind::Outbox, 1, Some(5_000), None).await;
    let nodes: Vec<_> = cluster.primaries().unwrap().into_iter().map(|node| &cluster.nodes()[node]).collect();
    for node in &nodes {
        let keys = node.cli(&["KEYS", "*:records"]).unwrap();
        for hash in keys.lines().take(5) {
            let number: u64 = hash[12..15].parse().unwrap();
            let entry = format!("8:{:020}:{}", 1, Id::new(Timestamp::default(), number << 56, 1));
            node.cli(&["ZADD", &hash.replace("records", "due"), "0", &entry]).unwrap();
        }
    }
    let with_entries = || -> usize {
        nodes
            .iter()
            .map(|node| node.cli(&["KEYS", "*:due"]).unwrap().lines().filter(|key| !key.is_empty()).count())
            .sum()
    };
    assert!(with_entries() >= 15, "control: before");
    let found = store.due(Kind::Outbox, 0..Id::SHARDS, Timestamp::MAX, 100).await.unwrap();
    assert_eq!(found.iter().map(|stored| stored.record.key).collect::<Vec<_>>(), [due]);
    assert_eq!(with_entries(), 1);
}

/// An entry that a commit writes between the look at the index and the removal stays.
#[tokio::test]
async fn entry_of_commit_before_removal_stays() {
    let server = RedisServer::start(&[]).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    let key = create(&store, Kind::Outbox, 1, Some(5_000), None).await;
    let [records, due] = ["records", "due"].map(|index| format!("{PARTITION}:{index}"));
    let mark = server.cli(&["HGET", &records, "store"]).unwrap();
    let remove = |time: u64| {
        let entry = format!("8:{time:020}:{}", key.id);
        let script = include_str!("../../src/lua/tidy.lua");
        server.cli(&["EVAL", script, "2", &records, &due, &mark[..32], &entry]).unwrap().trim().to_owned()
    };
    assert_eq!(remove(5_000), "0");
    assert_eq!(store.due(Kind::Outbox, 0..4, Timestamp::MAX, 10).await.unwrap().len(), 1);
    add(&server, "due", &format!("8:{:020}:{}", 4_000, key.id));
    assert_eq!(remove(4_000), "1", "control: an entry of another time");
}
