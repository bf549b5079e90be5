use super::Kind;
use super::record::{Key, Stored};
use crate::id::{Id, OwnerTag};

/// A request for records of one owner in one round trip: a key, and all records of some kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    owner: OwnerTag,
    key: Option<Key>,
    owned_kinds: Vec<Kind>,
}

impl Load {
    /// Creates an empty request for records of an owner, by the [tag](Id::owner).
    #[must_use]
    pub const fn of(owner: OwnerTag) -> Self {
        Self { owner, key: None, owned_kinds: Vec::new() }
    }

    /// Creates a request for one record.
    #[must_use]
    pub fn key(key: Key) -> Self {
        Self { owner: key.id.owner(), key: Some(key), owned_kinds: Vec::new() }
    }

    /// Adds all records of the owner of these kinds.
    #[must_use]
    pub fn with_owned(mut self, kinds: &[Kind]) -> Self {
        self.owned_kinds.extend_from_slice(kinds);
        self
    }

    /// Returns the tag of the owner.
    #[must_use]
    pub const fn owner(&self) -> OwnerTag {
        self.owner
    }

    /// Returns the shard of all requested records.
    #[must_use]
    pub const fn shard(&self) -> u16 {
        Id::shard_of(self.owner)
    }

    /// Returns the key of the single requested record, if any. The key belongs to the owner.
    #[must_use]
    pub const fn requested_key(&self) -> Option<Key> {
        self.key
    }

    /// Returns the kinds to load completely: every record of the owner.
    #[must_use]
    pub fn owned_kinds(&self) -> &[Kind] {
        &self.owned_kinds
    }
}

/// The records found for a [`Load`]: each once, in order of creation within a kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Loaded {
    records: Vec<Stored>,
}

impl Loaded {
    /// Wraps the records found.
    pub(crate) const fn new(records: Vec<Stored>) -> Self {
        Self { records }
    }

    /// Returns the record with this key, if requested and present.
    pub(crate) fn find(&self, key: Key) -> Option<&Stored> {
        self.records.iter().find(|stored| stored.record.key == key)
    }

    /// Returns the records of a kind.
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Stored> {
        self.records.iter().filter(move |stored| stored.record.key.kind == kind)
    }

    /// Returns all records.
    pub(crate) fn records(&self) -> &[Stored] {
        &self.records
    }
}
