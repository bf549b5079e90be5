use std::fmt;

use bytes::Bytes;

use super::Kind;
use crate::id::Id;
use crate::time::Timestamp;

/// The name of a record.
///
/// `Debug` is safe to log: the id of a challenge is a capability, so only the [prefix](Id::prefix) is printed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a pair by contract, which stores take apart")]
pub struct Key {
    /// The kind of the record.
    pub kind: Kind,
    /// The id of the record.
    pub id: Id,
}

impl Key {
    /// Creates a key from the parts.
    #[must_use]
    pub const fn new(kind: Kind, id: Id) -> Self {
        Self { kind, id }
    }

    /// Returns the shard of the record.
    #[must_use]
    pub const fn shard(&self) -> u16 {
        self.id.shard()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind == Kind::Challenge {
            return write!(f, "Challenge({}..)", self.id.prefix());
        }
        write!(f, "{:?}({})", self.kind, self.id)
    }
}

/// An opaque token for each batch, made by core. Equal tokens mean the same batch.
pub(crate) type Version = [u8; 16];

/// A record to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "stores build records from what they read")]
pub struct Record {
    /// The name of the record.
    pub key: Key,
    /// When [`Store::due`](super::Store::due) first returns the record; never when absent.
    pub due: Option<Timestamp>,
    /// When the record becomes garbage for [`Store::purge`](super::Store::purge); never when absent.
    pub expires: Option<Timestamp>,
    /// The content: versioned JSON with secrets sealed, and a line with the tag of the record. Opaque to a store.
    pub body: Bytes,
}

/// A record with the version of the batch that wrote the record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "stores build records from what they read")]
pub struct Stored {
    /// The record.
    pub record: Record,
    /// The version of the batch: an opaque token. Equal versions mean the same batch.
    pub version: Version,
}
