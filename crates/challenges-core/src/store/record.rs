use std::fmt;

use bytes::Bytes;

use crate::id::{Id, Shard};
use crate::time::Timestamp;

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Kind {
    /// One record a store: the salt of owner tags.
    Root = 1,
    /// One record an owner: failure counts, and what changes with any set of the owner's records.
    Subject = 2,
    /// A challenge.
    Challenge = 3,
    /// A TOTP key of an owner.
    TotpEnrollment = 4,
    /// A WebAuthn credential of an owner.
    WebauthnEnrollment = 5,
    /// A name that may be taken once, over all owners.
    Reservation = 6,
    /// A phone number or push subscription of an owner.
    Endpoint = 7,
    /// Something to be sent or done.
    Outbox = 8,
    /// Something that was to be sent or done, and failed for good.
    DeadLetter = 9,
    /// What became of an HTTP action.
    ActionResult = 10,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Root,
        Self::Subject,
        Self::Challenge,
        Self::TotpEnrollment,
        Self::WebauthnEnrollment,
        Self::Reservation,
        Self::Endpoint,
        Self::Outbox,
        Self::DeadLetter,
        Self::ActionResult,
    ];

    /// The number to store it under; it never changes.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The kind of that number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether callers can make ever more records of this kind, so that a bounded store has to refuse new ones. The
    /// others are bookkeeping that must go on in a full store, or nobody's wrong answers would be counted.
    #[must_use]
    pub const fn is_bounded(self) -> bool {
        matches!(self, Self::Challenge | Self::TotpEnrollment | Self::WebauthnEnrollment | Self::Endpoint)
    }
}

/// The name of a record. Its `Debug` may stand in a log: of a challenge's id, which is a capability, it tells the
/// [prefix](Id::prefix) alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What the record is about.
    pub kind: Kind,
    /// Its id.
    pub id: Id,
}

impl Key {
    /// The key of those parts.
    #[must_use]
    pub const fn new(kind: Kind, id: Id) -> Self {
        Self { kind, id }
    }

    /// The shard that the record is in.
    #[must_use]
    pub const fn shard(&self) -> Shard {
        self.id.shard()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Challenge => write!(f, "Challenge({}..)", self.id.prefix()),
            kind => write!(f, "{kind:?}({})", self.id),
        }
    }
}

/// An opaque token that core mints for each batch: equal tokens mean the same write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version([u8; 16]);

impl Version {
    /// The version of those bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// What a store keeps under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The name.
    pub key: Key,
    /// When somebody should look at it; [`Store::due`](super::Store::due) finds it by that.
    pub due: Option<Timestamp>,
    /// From when on it may be collected as garbage; never, where absent.
    pub expires: Option<Timestamp>,
    /// Versioned JSON; secrets in it are sealed.
    pub body: Bytes,
}

/// A record and the version that it was written under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The record.
    pub record: Record,
    /// The version of the batch that wrote it.
    pub version: Version,
}
