//! Record ids, and the ids of each kind that are made of them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::base62;
use crate::time::Timestamp;

/// How many shards there are. All records of one owner are in one of them.
pub const SHARDS: u16 = 1_024;

/// One of [`SHARDS`] parts of the records: the unit of atomicity of a [`Store`](crate::Store).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(u16);

impl Shard {
    /// The shard of that number; `None` from [`SHARDS`] on.
    #[must_use]
    pub const fn new(number: u16) -> Option<Self> {
        if number < SHARDS { Some(Self(number)) } else { None }
    }

    /// Its number, below [`SHARDS`].
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

/// A keyed hash of an owner (tenant and user), 64 bits: it tells the shard and groups the owner's records.
///
/// Two owners may share one, so it never decides whose a record is; the owner inside the record does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnerTag(u64);

impl OwnerTag {
    /// The tag of that value.
    #[must_use]
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// Its value.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }

    /// The shard of the owner: the first ten bits.
    #[must_use]
    pub const fn shard(self) -> Shard {
        Shard((self.0 >> 54) as u16)
    }
}

/// The id of a record: 40 base62 characters that sort in order of creation.
///
/// The first 7 hold the creation time in milliseconds (it stops growing in the year 2081, which costs order and nothing
/// else), the next 11 the owner's tag, the last 22 at least 128 random bits. So an id alone leads to the shard and to
/// the owner's other records, and cannot be guessed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    created: u64,
    owner: OwnerTag,
    random: u128,
}

impl Id {
    /// Characters of an id as text.
    pub const LENGTH: usize = 40;
    const TIME: usize = 7;
    const TAG: usize = 11;
    const LAST_TIME: u64 = 62_u64.pow(7) - 1;

    /// The id of those parts.
    #[must_use]
    pub const fn new(created: Timestamp, owner: OwnerTag, random: u128) -> Self {
        let millis = created.as_millis();
        let created = if millis < Self::LAST_TIME { millis } else { Self::LAST_TIME };
        Self { created, owner, random }
    }

    /// The tag of the owner.
    #[must_use]
    pub const fn owner(&self) -> OwnerTag {
        self.owner
    }

    /// The shard of the owner.
    #[must_use]
    pub const fn shard(&self) -> Shard {
        self.owner.shard()
    }

    /// The part of its text that is no secret: the creation time and the owner's tag, 18 characters. It leads an operator to
    /// the record, and opens nothing.
    #[must_use]
    pub fn prefix(&self) -> String {
        self.encode().as_str().chars().take(Self::TIME + Self::TAG).collect()
    }

    /// Its text: [`Id::LENGTH`] base62 characters.
    #[must_use]
    pub fn encode(&self) -> IdText {
        let mut text = [0; Self::LENGTH];
        let (time, rest) = text.split_at_mut(Self::TIME);
        let (tag, random) = rest.split_at_mut(Self::TAG);
        base62::encode(self.created.into(), time);
        base62::encode(self.owner.0.into(), tag);
        base62::encode(self.random, random);
        IdText(text)
    }
}

/// The text of an [`Id`], without an allocation.
#[derive(Clone, Copy)]
pub struct IdText([u8; Id::LENGTH]);

impl IdText {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Base62 is ASCII, so this cannot fail.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.encode().as_str())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// That text is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: expected {} characters of 0-9, A-Z, a-z, as this library made them", Id::LENGTH)]
pub struct InvalidId;

impl FromStr for Id {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let bytes: &[u8; Self::LENGTH] = text.as_bytes().try_into().map_err(|_| InvalidId)?;
        let (time, rest) = bytes.split_at(Self::TIME);
        let (tag, random) = rest.split_at(Self::TAG);
        let number = |digits| base62::decode(digits).ok_or(InvalidId);
        Ok(Self {
            created: u64::try_from(number(time)?).map_err(|_| InvalidId)?,
            owner: OwnerTag(u64::try_from(number(tag)?).map_err(|_| InvalidId)?),
            random: number(random)?,
        })
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.encode().as_str())
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Id;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id of 40 base62 characters")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Id, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

macro_rules! id_of_kind {
    ($(#[$docs:meta])* $name:ident) => {
        $(#[$docs])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub(crate) Id);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.parse().map(Self)
            }
        }
    };
}

id_of_kind! {
    /// The id of a challenge. Whoever knows it may read, replace, answer and delete the challenge: it is a capability. So its
    /// `Debug`, and that of all that holds it, tells the [prefix](ChallengeId::prefix) alone; [`ToString`] gives all of it.
    ChallengeId
}

impl ChallengeId {
    /// The part of it that is no secret, for logs: 18 characters that tell its time of creation and, to who has the store's
    /// records, its owner.
    #[must_use]
    pub fn prefix(&self) -> String {
        self.0.prefix()
    }
}

impl fmt::Debug for ChallengeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChallengeId({}..)", self.prefix())
    }
}

id_of_kind! {
    #[derive(Debug)]
    /// The id of an enrollment: a TOTP key or a WebAuthn credential of a user.
    EnrollmentId
}
id_of_kind! {
    #[derive(Debug)]
    /// The id of an endpoint: a phone number or push subscription of a user.
    EndpointId
}
id_of_kind! {
    #[derive(Debug)]
    /// The id of an outbox entry, and the idempotency key of what it asks for.
    OutboxId
}

#[cfg(test)]
mod tests;
