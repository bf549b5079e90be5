//! The host's keys: sealing of what is stored, and keyed hashes of codes.

mod kept;
mod key;
mod mac;
mod place;
mod seal;
mod text;

pub(crate) use kept::{Keeps, Kept, Renewal};
pub(crate) use key::keyed;

pub use key::{KeyId, KeyRing, KeyRingError, MasterKey};
pub use mac::Mac;
pub use place::Place;
pub use seal::Sealed;

/// Why something sealed or hashed could not be opened or compared. It is never treated as a wrong answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The key that it was made under is not in the ring.
    #[error("it was sealed under the key '{}', which is not in the key ring; add that key to open it", .0.as_str())]
    UnknownKey(KeyId),
    /// It was changed, belongs to another record, or was sealed under another key of that name.
    #[error("it does not open: it was changed, moved from another record, or the key of that name is another one")]
    Forged,
}

#[cfg(test)]
mod tests;
