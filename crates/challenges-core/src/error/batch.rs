/// The error of writes that cannot form a batch. This is a bug of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// There is no write.
    #[error("a Batch needs at least one Write")]
    Empty,
    /// The keys are in several shards.
    #[error("the keys of a Batch must be in one shard")]
    SeveralShards,
    /// Two writes have the same key.
    #[error("a Batch must name each key once")]
    RepeatedKey,
}
