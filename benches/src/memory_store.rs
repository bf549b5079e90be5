//! The memory store alone, through the `Store` trait: insert, get, swap; beside the same on 64 locked maps.

use std::time::Duration;

use bytes::Bytes;
use challenges_core::store::{Batch, Commit, Expect, Key, Kind, Load, Record, Stored, Version, Write};
use challenges_core::{Id, OwnerTag, Store, Timestamp};
use challenges_memory::MemoryStore;

use crate::floor::Shards;
use crate::measure::{Report, interleaved, timed};

const RECORDS: u64 = 50_000;

pub(crate) fn one_thread() -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    interleaved(
        RECORDS as usize,
        0.5,
        || {
            let store = MemoryStore::new();
            timed(|| runtime.block_on(trait_calls(&store, 0)))
        },
        || {
            let shards = Shards::new();
            timed(|| raw_calls(&shards, 0))
        },
    )
}

/// Two threads beside one: what is measured is our own scaling, so the floor is our one thread.
pub(crate) fn two_threads() -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let run = |threads: u64| -> Duration {
        let store = MemoryStore::new();
        timed(|| {
            std::thread::scope(|scope| {
                for thread in 0..threads {
                    let (store, per_thread) = (&store, 2 / threads);
                    scope.spawn(move || {
                        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                        for part in 0..per_thread {
                            runtime.block_on(trait_calls(store, thread * per_thread + part));
                        }
                    });
                }
            });
        })
    };
    drop(runtime);
    interleaved(2 * RECORDS as usize, 1.6, || run(2), || run(1))
}

/// The same records for both: owners that are spread as hashes are, four records each.
fn record(number: u64, body: &'static [u8]) -> Record {
    let owner = OwnerTag::new((number / 4).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let id = Id::new(Timestamp::from_millis(1_700_000_000_000 + number), owner, u128::from(number));
    let expires = Some(Timestamp::from_millis(1_700_000_600_000 + number));
    Record { key: Key::new(Kind::Challenge, id), due: None, expires, body: Bytes::from_static(body) }
}

fn version(number: u64, step: u8) -> Version {
    Version::from_bytes((u128::from(number) << 8 | u128::from(step)).to_le_bytes())
}

const CREATED: &[u8] = &[b'c'; 500];
const ANSWERED: &[u8] = &[b'a'; 400];

async fn trait_calls(store: &dyn Store, part: u64) {
    for number in part * RECORDS..(part + 1) * RECORDS {
        let created = record(number, CREATED);
        let key = created.key;
        let batch = Batch::new(version(number, 1), vec![Write::put(Expect::Absent, created)]).unwrap();
        assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
        let loaded = store.load(&Load::key(key)).await.unwrap();
        let found = loaded.find(key).unwrap().version;
        let put = Write::put(Expect::At(found), record(number, ANSWERED));
        let batch = Batch::new(version(number, 2), vec![put]).unwrap();
        assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
    }
}

fn raw_calls(shards: &Shards, part: u64) {
    for number in part * RECORDS..(part + 1) * RECORDS {
        let created = Stored { record: record(number, CREATED), version: version(number, 1) };
        let key = created.record.key;
        shards.insert(created);
        let found = shards.get(&key).version;
        shards.swap(found, Stored { record: record(number, ANSWERED), version: version(number, 2) });
    }
}
