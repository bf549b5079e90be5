use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use challenges_core::OwnerTag;
use challenges_core::store::{Key, Kind, Stored};

/// The records of some owners; those of one owner stand together, in the order of (kind, id).
///
/// An owner has few records, and new ones have the latest ids of their kind: binary search finds a record, an insert
/// moves little, and siblings need no index of their own.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    records: HashMap<OwnerTag, Vec<Stored>, Spread>,
    /// The same owners in their order, so that a page of all of them does not have to look at every one.
    tags: BTreeSet<OwnerTag>,
}

impl Owners {
    pub(crate) fn find(&self, key: Key) -> Option<&Stored> {
        let records = self.records.get(&key.id.owner())?;
        records.get(position(records, key).ok()?)
    }

    pub(crate) fn find_mut(&mut self, key: Key) -> Option<&mut Stored> {
        let records = self.records.get_mut(&key.id.owner())?;
        let index = position(records, key).ok()?;
        records.get_mut(index)
    }

    /// Adds a record whose key is not there yet.
    pub(crate) fn insert(&mut self, stored: Stored) {
        let key = stored.record.key;
        let records = self.records.entry(key.id.owner()).or_insert_with(|| {
            self.tags.insert(key.id.owner());
            Vec::with_capacity(1)
        });
        let (Ok(index) | Err(index)) = position(records, key);
        records.insert(index, stored);
    }

    pub(crate) fn remove(&mut self, key: Key) -> Option<Stored> {
        let records = self.records.get_mut(&key.id.owner())?;
        let removed = records.remove(position(records, key).ok()?);
        if records.is_empty() {
            self.forget(key.id.owner());
        }
        Some(removed)
    }

    /// Removes the records of one owner whose keys are in `keys`, which is sorted: in one pass, however many they are.
    pub(crate) fn remove_all(&mut self, owner: OwnerTag, keys: &[Key]) -> Vec<Stored> {
        let Some(records) = self.records.get_mut(&owner) else { return Vec::new() };
        let removed = records.extract_if(.., |stored| keys.binary_search(&stored.record.key).is_ok()).collect();
        if records.is_empty() {
            self.forget(owner);
        }
        removed
    }

    /// The owner's records of a kind, in the order of their ids.
    pub(crate) fn of_kind(&self, owner: OwnerTag, kind: Kind) -> &[Stored] {
        let records = self.records.get(&owner).map_or(&[][..], Vec::as_slice);
        let (_, rest) = records.split_at(records.partition_point(|stored| stored.record.key.kind < kind));
        let (found, _) = rest.split_at(rest.partition_point(|stored| stored.record.key.kind == kind));
        found
    }

    /// The owners from `first` on, in order.
    pub(crate) fn tags_from(&self, first: OwnerTag) -> impl Iterator<Item = OwnerTag> {
        self.tags.range(first..).copied()
    }

    fn forget(&mut self, owner: OwnerTag) {
        self.records.remove(&owner);
        self.tags.remove(&owner);
    }
}

fn position(records: &[Stored], key: Key) -> Result<usize, usize> {
    match records.last() {
        Some(last) if last.record.key < key => Err(records.len()),
        _ => records.binary_search_by(|stored| stored.record.key.cmp(&key)),
    }
}

/// Hashes what is uniform already: tags are keyed hashes and ids hold random bits, both made by core, so nobody can
/// aim at one bucket and a keyed hash would only repeat work. One multiplication is still needed, because all tags of a
/// partition begin alike and the table looks at the first bits.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fold(u64);

pub(crate) type Spread = BuildHasherDefault<Fold>;

impl Hasher for Fold {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        let product = u128::from(self.0.rotate_left(5) ^ value) * 0x9E37_79B9_7F4A_7C15;
        self.0 = (product as u64) ^ ((product >> 64) as u64);
    }

    fn write_u128(&mut self, value: u128) {
        self.write_u64(value as u64 ^ (value >> 64) as u64);
    }

    fn write_isize(&mut self, value: isize) {
        self.write_u64(value as u64);
    }
}

#[cfg(test)]
mod tests;
