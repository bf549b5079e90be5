use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use challenges_core::store::{Batch, Expect, Key, Stored, Then, Write};

use super::Floor;
use crate::trace::Step;

const MAPS: usize = 64;

/// Hash maps with a lock each. Without indices: the trace contains the keys found by lists and sweeps.
pub(crate) struct Maps(Vec<Mutex<HashMap<Key, Stored>>>);

impl Maps {
    pub(crate) fn new() -> Self {
        Self((0..MAPS).map(|_| Mutex::default()).collect())
    }

    fn of(&self, key: &Key) -> MutexGuard<'_, HashMap<Key, Stored>> {
        self.0[usize::from(key.shard().number()) % MAPS].lock().unwrap()
    }

    fn commit(&self, batch: Batch) {
        let (version, writes) = batch.into_parts();
        let mut map = self.of(&writes[0].key);
        for Write { key, expect, then } in writes {
            let found = map.get(&key).map(|stored| stored.version);
            assert_eq!(found, if let Expect::At(version) = expect { Some(version) } else { None });
            match then {
                Then::Keep => {}
                Then::Put(record) => drop(map.insert(key, Stored { record, version })),
                Then::Delete => drop(map.remove(&key)),
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
            Step::Load(_, found) | Step::List(_, found) => {
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
