use super::record::{Key, Kind, Stored};
use crate::id::{Id, OwnerTag, Shard};

/// What to read in one round trip: a key, and all of its owner's records of some kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    owner: OwnerTag,
    key: Option<Key>,
    siblings: Vec<Kind>,
}

impl Load {
    /// Nothing yet, of that owner.
    #[must_use]
    pub const fn of(owner: OwnerTag) -> Self {
        Self { owner, key: None, siblings: Vec::new() }
    }

    /// That record, in its owner's shard.
    #[must_use]
    pub fn key(key: Key) -> Self {
        Self { owner: key.id.owner(), key: Some(key), siblings: Vec::new() }
    }

    /// And every record of the owner of those kinds.
    #[must_use]
    pub fn with_siblings(mut self, kinds: &[Kind]) -> Self {
        self.siblings.extend_from_slice(kinds);
        self
    }

    /// The owner.
    #[must_use]
    pub const fn owner(&self) -> OwnerTag {
        self.owner
    }

    /// The shard of everything that is asked for.
    #[must_use]
    pub const fn shard(&self) -> Shard {
        self.owner.shard()
    }

    /// The keys, one or none; each is the owner's.
    #[must_use]
    pub const fn keys(&self) -> &[Key] {
        self.key.as_slice()
    }

    /// The kinds of which every record of the owner is asked for.
    #[must_use]
    pub fn siblings(&self) -> &[Kind] {
        &self.siblings
    }
}

/// What a [`Load`] found, each record once, siblings of a kind in order of creation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    records: Vec<Stored>,
}

impl Loaded {
    /// Those records.
    #[must_use]
    pub const fn new(records: Vec<Stored>) -> Self {
        Self { records }
    }

    /// The record of that key, if it was asked for and exists.
    #[must_use]
    pub fn find(&self, key: Key) -> Option<&Stored> {
        self.records.iter().find(|stored| stored.record.key == key)
    }

    /// The records of that kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Stored> {
        self.records.iter().filter(move |stored| stored.record.key.kind == kind)
    }

    /// Every record.
    #[must_use]
    pub fn records(&self) -> &[Stored] {
        &self.records
    }
}

/// Which records to list: those of a kind, of one owner or of all, after a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListQuery {
    /// Their kind.
    pub kind: Kind,
    /// Their owner; all, where absent.
    pub owner: Option<OwnerTag>,
    /// List what comes after this id in the order of (owner tag, id); from the start, where absent.
    pub after: Option<Id>,
    /// At most so many; with none asked for the page is empty and the last.
    pub limit: usize,
}

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The records, ordered by owner tag and id.
    pub records: Vec<Stored>,
    /// The id of the last record here, to go on after; absent when nothing comes after it.
    pub next: Option<Id>,
}
