use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use challenges_core::store::{Key, Kind, Stored};

/// Records grouped by owner, sorted by (kind, id) within each owner.
///
/// An owner has few records, and a new record has the latest id of its kind. A sorted `Vec` therefore makes look-ups
/// and inserts cheap, and loads of owned kinds need no index.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    records: HashMap<u64, Vec<Stored>, BuildUniformHasher>,
    /// The keys of `records` in order, so that a page over all owners does not visit every owner.
    tags: BTreeSet<u64>,
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

    /// Adds a record. The key must be absent.
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
            self.remove_owner(key.id.owner());
        }
        Some(removed)
    }

    /// Removes records of `owner` in a single pass. `keys` must be sorted.
    pub(crate) fn remove_all(&mut self, owner: u64, keys: &[Key]) -> Vec<Stored> {
        let Some(records) = self.records.get_mut(&owner) else { return Vec::new() };
        let removed = records.extract_if(.., |stored| keys.binary_search(&stored.record.key).is_ok()).collect();
        if records.is_empty() {
            self.remove_owner(owner);
        }
        removed
    }

    /// Returns the owner's records of a kind, in id order.
    pub(crate) fn of_kind(&self, owner: u64, kind: Kind) -> &[Stored] {
        let records = self.records.get(&owner).map_or(&[][..], Vec::as_slice);
        let (_, rest) = records.split_at(records.partition_point(|stored| stored.record.key.kind < kind));
        let (found, _) = rest.split_at(rest.partition_point(|stored| stored.record.key.kind == kind));
        found
    }

    /// Returns the owners from `first` onwards, in order.
    pub(crate) fn tags_from(&self, first: u64) -> impl Iterator<Item = u64> {
        self.tags.range(first..).copied()
    }

    fn remove_owner(&mut self, owner: u64) {
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

/// A hasher for uniform keys.
///
/// Owner tags are keyed hashes and ids hold random bits, both minted by core, so an attacker cannot aim at a bucket.
/// The multiplication spreads the tags of a partition, which share the first bits, over the bits that `HashMap` uses.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct UniformHasher(u64);

pub(crate) type BuildUniformHasher = BuildHasherDefault<UniformHasher>;

impl Hasher for UniformHasher {
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
