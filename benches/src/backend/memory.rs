use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use challenges_core::store::{Batch, Key, Stored, Write};
use challenges_memory::MemoryStore;

use super::{Backend, Kind, Opened};
use crate::floor::{self, Floor, Live, Replay, Signature};
use crate::trace::{Step, Trace};

pub(crate) static KIND: Kind = Kind {
    name: "memory",
    floor: "Floor: 64 locked hash maps with the same records. The maps have no index: lists and sweeps get the keys to read.",
    start: || Box::new(Memory),
    largest: 1_000_000,
    is_variant: false,
    is_in_place: false,
};

struct Memory;

#[async_trait]
impl Backend for Memory {
    async fn open(&self) -> Opened {
        Opened { store: Arc::new(MemoryStore::new()), files: None }
    }

    async fn replay(&self, trace: &Trace, callers: usize, signature: Option<Arc<Signature>>) -> Box<dyn Replay> {
        floor::replay(Maps::new(), trace, callers, signature).await
    }

    async fn live(&self, _: usize) -> Arc<dyn Live> {
        floor::live(Maps::new())
    }

    fn used(&self, _: &Opened) -> f64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        1024.0 * resident.trim().trim_end_matches(" kB").parse::<f64>().unwrap()
    }
}

const MAPS: usize = 64;

/// Hash maps with a lock each. The records of an owner are in one map.
pub(crate) struct Maps(Vec<Mutex<HashMap<Key, Stored>>>);

impl Maps {
    pub(crate) fn new() -> Self {
        Self((0..MAPS).map(|_| Mutex::default()).collect())
    }

    fn of(&self, key: &Key) -> MutexGuard<'_, HashMap<Key, Stored>> {
        self.0[usize::from(key.shard()) % MAPS].lock().unwrap()
    }

    fn commit(&self, batch: Batch) {
        let (version, writes) = batch.into_parts();
        let mut map = self.of(&writes[0].key());
        for write in writes {
            assert_eq!(map.get(&write.key()).map(|stored| stored.version), write.expected());
            match write {
                Write::Keep { .. } => {}
                Write::Put { record, .. } => drop(map.insert(record.key, Stored { record, version })),
                Write::Delete { key, .. } => drop(map.remove(&key)),
            }
        }
    }
}

impl Floor for Maps {
    type Ready = Step;

    async fn fill(&self, stored: Vec<Stored>) {
        for stored in stored {
            self.of(&stored.record.key).insert(stored.record.key, stored);
        }
    }

    fn ready(&self, step: &Step) -> Step {
        step.with_new_bodies()
    }

    async fn take(&self, step: Step) {
        match step {
            Step::Load(_, found) | Step::List(.., found) => {
                let records: Vec<Stored> = found.iter().map(|key| self.of(key)[key].clone()).collect();
                std::hint::black_box(records);
            }
            Step::Commit(batch) => self.commit(batch),
            Step::Purge(_, _, found) => {
                for (key, _) in found {
                    assert!(self.of(&key).remove(&key).is_some());
                }
            }
        }
    }
}
