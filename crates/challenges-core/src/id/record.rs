use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::owner_tag::OwnerTag;
use crate::base62;
use crate::error::Invalid;
use crate::time::Timestamp;

/// The id of a record: 40 base62 characters that sort in order of creation.
///
/// | characters | content |
/// |--:|---|
/// | 7 | creation time in milliseconds; stops growing in the year 2081, after which only the order is lost |
/// | 11 | tag of the owner |
/// | 22 | at least 128 random bits |
///
/// An id alone leads to the shard and to the other records of the owner, and cannot be guessed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    created: u64,
    owner: OwnerTag,
    random: u128,
}

impl Id {
    /// The number of shards. A shard is a part of the records: the unit of atomicity of a
    /// [`Store`](crate::store::Store). All records of an owner are in the same shard.
    pub const SHARDS: u16 = 1_024;
    /// The number of characters of an id.
    pub const LENGTH: usize = 40;
    const TIME: usize = 7;
    const TAG: usize = 11;
    const LAST_TIME: u64 = 62_u64.pow(7) - 1;

    /// Creates an id from the parts. `owner` is the tag of the owner.
    #[must_use]
    pub const fn new(created: Timestamp, owner: OwnerTag, random: u128) -> Self {
        let millis = created.as_millis();
        let created = if millis < Self::LAST_TIME { millis } else { Self::LAST_TIME };
        Self { created, owner, random }
    }

    /// Returns the creation time.
    pub(crate) const fn created(&self) -> Timestamp {
        Timestamp::from_millis(self.created)
    }

    /// Returns the tag of the owner: a keyed hash of tenant and user. The tag groups the records of the owner.
    ///
    /// Two owners may share a tag, so only the owner inside a record tells the owner of the record.
    #[must_use]
    pub const fn owner(&self) -> OwnerTag {
        self.owner
    }

    /// Returns the number of the shard, below [`Id::SHARDS`].
    #[must_use]
    pub const fn shard(&self) -> u16 {
        Self::shard_of(self.owner)
    }

    /// Returns the number of the shard of an owner tag: the first ten bits.
    #[must_use]
    pub const fn shard_of(owner: u64) -> u16 {
        (owner >> 54) as u16
    }

    /// Returns the public part of the text: the creation time and the owner's tag, 18 characters. The prefix leads an
    /// operator to the record, and opens nothing.
    #[must_use]
    pub fn prefix(&self) -> String {
        self.encode().as_str().chars().take(Self::TIME + Self::TAG).collect()
    }

    /// Returns all parts in a fixed form, for hashing.
    pub(crate) fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let (created, rest) = bytes.split_at_mut(8);
        let (owner, random) = rest.split_at_mut(8);
        created.copy_from_slice(&self.created.to_be_bytes());
        owner.copy_from_slice(&self.owner.to_be_bytes());
        random.copy_from_slice(&self.random.to_be_bytes());
        bytes
    }

    /// Returns the text of the id, [`Id::LENGTH`] base62 characters, without an allocation.
    #[must_use]
    pub fn encode(&self) -> IdText {
        let mut text = [0; Self::LENGTH];
        let (time, rest) = text.split_at_mut(Self::TIME);
        let (tag, random) = rest.split_at_mut(Self::TAG);
        base62::encode(self.created.into(), time);
        base62::encode(self.owner.into(), tag);
        base62::encode(self.random, random);
        IdText(text)
    }
}

impl FromStr for Id {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let bytes: &[u8; Self::LENGTH] = text.as_bytes().try_into().map_err(|_| Invalid::Id)?;
        let (time, rest) = bytes.split_at(Self::TIME);
        let (tag, random) = rest.split_at(Self::TAG);
        let number = |digits| base62::decode(digits).ok_or(Invalid::Id);
        Ok(Self {
            created: u64::try_from(number(time)?).map_err(|_| Invalid::Id)?,
            owner: u64::try_from(number(tag)?).map_err(|_| Invalid::Id)?,
            random: number(random)?,
        })
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

/// The text of an [`Id`].
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct IdText([u8; Id::LENGTH]);

impl IdText {
    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Base62 is ASCII, so this cannot fail.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}
