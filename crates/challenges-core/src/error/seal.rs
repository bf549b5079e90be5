/// The error of opening a sealed value, or of verifying a keyed hash. Never treated as a wrong answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The key with this id is not in the ring.
    #[error("the key '{0}' is not in the key ring; add that key to open the value")]
    UnknownKey(String),
    /// The key with this id is retired, and cannot prove a code, link or token.
    #[error("the key '{0}' is retired and proves nothing; pass a new challenge")]
    RetiredKey(String),
    /// The sealed value was changed, belongs to another record, or was sealed under another key of the same id. A keyed
    /// hash gives this error only if malformed: a well-formed hash of another secret is a wrong answer.
    #[error("the value does not open: changed, moved from another record, or sealed under another key of the same id")]
    Forged,
    /// The record is not as this service wrote it: a field was changed, the record was moved, or another service wrote
    /// the record.
    #[error(
        "the record is not as this service wrote it: changed or moved in the database, or written by another service; restore the record from a backup, or delete it"
    )]
    ForgedRecord,
}
