use std::fmt;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::ring::RingKey;
use super::tag_line::{self, Layer, TAG, TagLine};
use super::untrusted;
use super::{KeyRing, SealError, hmac_with_key, key_id};
use crate::store::{Key, Kind, Record, Stored, Version};
use crate::time::Timestamp;

/// The keys that authenticate the records of one store.
///
/// Each stored body ends with a line `key id.base64url(tag)`. The tag is HMAC-SHA-256, truncated to 128 bits (RFC 2104,
/// section 5). The tag covers kind, id (with the tag of the owner), due time, expiry, version and content. The keys are
/// derived from the ring and from the salt of the store, so a record of another store under the same ring does not
/// verify. The salt record has no tag: the salt is sealed.
///
/// A retired key still verifies. Otherwise no record could be read, or moved to another key, once a key is retired.
pub(crate) struct RecordTags {
    active: TagKey,
    others: Vec<TagKey>,
}

/// The result of verifying a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TagState {
    /// The tag verifies, under the active key.
    Current,
    /// The tag verifies, and has to be made again before the key can be removed.
    Outdated,
    /// The tag does not verify. The body is [marked](untrusted) and does not decode.
    Untrusted,
}

struct TagKey {
    id: String,
    mac: Hmac<Sha256>,
}

/// The authenticated fields of a record, without the content.
#[derive(Clone, Copy)]
struct Head {
    key: Key,
    due: Option<Timestamp>,
    expires: Option<Timestamp>,
    version: Version,
}

impl KeyRing {
    /// Returns the keys for the records of the store with this salt.
    pub(crate) fn record_tags(&self, salt: &[u8; 32]) -> RecordTags {
        let active = self.active_key();
        let others = self.keys().filter(|key| key.id != active.id).map(|key| TagKey::new(key, salt)).collect();
        RecordTags { active: TagKey::new(active, salt), others }
    }
}

impl RecordTags {
    /// Returns the record with a tag under the active key, for a batch of this version.
    ///
    /// The content of a record that did not verify is kept byte for byte, in the form of a postponed record. The tag
    /// then vouches for the new times and version only. Every later read verifies the content again, under the due time
    /// and version noted in the record, so no write makes a forged content valid.
    pub(crate) fn tagged(&self, record: Record, version: Version) -> Record {
        if record.key.kind == Kind::Salt {
            return record;
        }
        let (layer, content) = match untrusted::content(&record.body) {
            Some(content) => (Layer::Postponed, content),
            None => (Layer::Written, &*record.body),
        };
        let head = Head { key: record.key, due: record.due, expires: record.expires, version };
        let tag = self.active.mac(layer, head, content).finalize().into_bytes();
        let body = tag_line::join(layer, content, self.active.id.as_str(), tag.first_chunk().unwrap_or(&[0; TAG]));
        Record { body, ..record }
    }

    /// Verifies a record and removes the tag. The body of a record that does not verify is [marked](untrusted).
    pub(crate) fn checked(&self, mut stored: Stored) -> (Stored, TagState) {
        if stored.record.key.kind == Kind::Salt {
            return (stored, TagState::Current);
        }
        match self.verify(&stored) {
            Ok((length, state)) => {
                stored.record.body.truncate(length);
                (stored, state)
            }
            Err(error) => (untrusted::marked(stored, &error), TagState::Untrusted),
        }
    }

    /// Returns the length of the content, and the state of the tag.
    fn verify(&self, stored: &Stored) -> Result<(usize, TagState), SealError> {
        let Record { key, due, expires, ref body } = stored.record;
        let head = Head { key, due, expires, version: stored.version };
        let line = TagLine::parse(body).ok_or(SealError::ForgedRecord)?;
        let state = self.verify_line(Layer::of(&line), head, &line)?;
        let Some(original) = line.original else { return Ok((line.content.len(), state)) };
        let inner = TagLine::parse(original.body).ok_or(SealError::ForgedRecord)?;
        if inner.original.is_some() {
            return Err(SealError::ForgedRecord);
        }
        let head = Head { due: original.due, version: original.version, ..head };
        let inner_state = self.verify_line(Layer::Written, head, &inner)?;
        Ok((inner.content.len(), if inner_state == TagState::Current { state } else { inner_state }))
    }

    fn verify_line(&self, layer: Layer, head: Head, line: &TagLine<'_>) -> Result<TagState, SealError> {
        let (key, state) = match self.others.iter().find(|key| key.id.as_str() == line.key) {
            Some(key) => (key, TagState::Outdated),
            None if self.active.id.as_str() == line.key => (&self.active, TagState::Current),
            None => return Err(key_id::check(line.key).map_or(SealError::ForgedRecord, SealError::UnknownKey)),
        };
        let mut tag = [0; TAG];
        match BASE64_URL_SAFE_NO_PAD.decode_slice(line.tag, &mut tag) {
            Ok(TAG) => {}
            Ok(_) | Err(_) => return Err(SealError::ForgedRecord),
        }
        let verified = key.mac(layer, head, line.content).verify_truncated_left(&tag);
        verified.map(|()| state).map_err(|_| SealError::ForgedRecord)
    }
}

impl TagKey {
    fn new(key: &RingKey, salt: &[u8; 32]) -> Self {
        let mut of_store = hmac_with_key(&key.master.derive(b"challenges/v1/record"));
        of_store.update(salt);
        Self { id: key.id.clone(), mac: hmac_with_key(&of_store.finalize().into_bytes().into()) }
    }

    /// Hashes all fields. Each has a fixed length except the content, which is last, so no two records give the same
    /// bytes.
    fn mac(&self, layer: Layer, head: Head, content: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(&[layer.code(), head.key.kind.code()]);
        mac.update(&head.key.id.to_bytes());
        for time in [head.due, head.expires] {
            mac.update(&[u8::from(time.is_some())]);
            mac.update(&time.unwrap_or_default().as_millis().to_be_bytes());
        }
        mac.update(&head.version);
        mac.update(content);
        mac
    }
}

impl fmt::Debug for RecordTags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordTags([redacted])")
    }
}
