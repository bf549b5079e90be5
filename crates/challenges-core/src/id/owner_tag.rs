/// A keyed 64-bit hash of an owner (tenant and user). The tag gives the shard, and groups the owner's records.
///
/// Two owners may share a tag, so only the owner inside a record tells the owner of the record.
///
/// A shard is a part of the records, numbered below [`OwnerTag::SHARDS`]: the unit of atomicity of a
/// [`Store`](crate::store::Store). All records of an owner are in the same shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnerTag(u64);

impl OwnerTag {
    /// The number of shards.
    pub const SHARDS: u16 = 1_024;

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

    /// Returns the number of the owner's shard, below [`OwnerTag::SHARDS`]: the first ten bits.
    #[must_use]
    pub const fn shard(self) -> u16 {
        (self.0 >> 54) as u16
    }
}
