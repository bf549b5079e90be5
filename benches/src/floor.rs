//! The least that has to be done: no rules, no checks, no traits.

use std::collections::HashMap;
use std::sync::Mutex;

use challenges_core::store::{Key, Stored, Version};

/// 64 maps behind a lock each.
pub(crate) struct Shards(Vec<Mutex<HashMap<Key, Stored>>>);

impl Shards {
    pub(crate) fn new() -> Self {
        Self((0..64).map(|_| Mutex::new(HashMap::new())).collect())
    }

    pub(crate) fn insert(&self, stored: Stored) {
        let previous = self.shard(&stored.record.key).lock().unwrap().insert(stored.record.key, stored);
        assert!(previous.is_none());
    }

    pub(crate) fn get(&self, key: &Key) -> Stored {
        self.shard(key).lock().unwrap()[key].clone()
    }

    pub(crate) fn swap(&self, expected: Version, stored: Stored) {
        let mut shard = self.shard(&stored.record.key).lock().unwrap();
        let slot = shard.get_mut(&stored.record.key).unwrap();
        assert_eq!(slot.version, expected);
        *slot = stored;
    }

    fn shard(&self, key: &Key) -> &Mutex<HashMap<Key, Stored>> {
        &self.0[usize::from(key.shard().number()) % 64]
    }
}

/// Random bytes of the operating system, as the library draws them.
pub(crate) fn draw<const N: usize>() -> [u8; N] {
    use rand::TryRng as _;
    let mut bytes = [0; N];
    rand::rngs::SysRng.try_fill_bytes(&mut bytes).unwrap();
    bytes
}
