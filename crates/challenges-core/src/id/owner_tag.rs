/// A keyed 64-bit hash of an owner (tenant and user). The tag gives the shard, and groups the owner's records.
///
/// Two owners may share a tag, so only the owner inside a record tells the owner of the record.
pub(crate) type OwnerTag = u64;
