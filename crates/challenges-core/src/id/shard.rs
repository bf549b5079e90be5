/// A part of the records, one of [`Shard::COUNT`]: the unit of atomicity of a [`Store`](crate::store::Store). All
/// records of an owner are in the same shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(u16);

impl Shard {
    /// The number of shards.
    pub const COUNT: u16 = 1_024;

    /// Creates the shard with this number. Returns `None` from [`Shard::COUNT`] on.
    #[must_use]
    pub const fn new(number: u16) -> Option<Self> {
        if number < Self::COUNT { Some(Self(number)) } else { None }
    }

    /// Returns the number of the shard, below [`Shard::COUNT`].
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

/// A keyed 64-bit hash of an owner (tenant and user). The tag gives the shard, and groups the owner's records.
///
/// Two owners may share a tag, so only the owner inside a record tells the owner of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnerTag(u64);

impl OwnerTag {
    /// Creates the tag with this value.
    #[must_use]
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// Returns the value of the tag.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }

    /// Returns the shard of the owner: the first ten bits.
    #[must_use]
    pub const fn shard(self) -> Shard {
        Shard((self.0 >> 54) as u16)
    }
}
