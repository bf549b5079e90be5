//! The tags of records, computed independently of the library; and edits of stored records, with and without new tags.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use challenges_core::Store;
use challenges_core::store::{Batch, Commit, Kind, Record, Stored, Write};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use xaes_256_gcm::aead::{AeadInOut as _, KeyInit as _};
use xaes_256_gcm::{Nonce, Tag, Xaes256Gcm};

/// The tags of the records of one store.
pub(crate) struct Tags {
    salt: Vec<u8>,
}

impl Tags {
    /// Opens the salt of a store.
    pub(crate) async fn of(store: &dyn Store) -> Self {
        let salt = store.list(Kind::Salt, None, None, 1).await.unwrap().remove(0).record;
        let sealed = json(&salt)["salt"].as_str().unwrap().to_owned();
        let (key, sealed) = sealed.split_once('.').unwrap();
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed).unwrap();
        let (nonce, rest) = sealed.split_at(24);
        let (text, tag) = rest.split_at(rest.len() - 16);
        let mut place = vec![1, Kind::Salt.code()];
        place.extend_from_slice(salt.key.id.to_string().as_bytes());
        for part in ["", "root", "salt"] {
            place.extend_from_slice(&(part.len() as u64).to_le_bytes());
            place.extend_from_slice(part.as_bytes());
        }
        let cipher = Xaes256Gcm::new(&derive(key, b"challenges/v1/seal").into());
        let mut salt = text.to_vec();
        let (nonce, tag) = (Nonce::try_from(nonce).unwrap(), Tag::try_from(tag).unwrap());
        cipher.decrypt_inout_detached(&nonce, &place, salt.as_mut_slice().into(), &tag).unwrap();
        Self { salt }
    }

    /// Returns the record with its content tagged under a key.
    pub(crate) fn tagged(&self, key: &str, record: Record, version: [u8; 16]) -> Record {
        if record.key.kind == Kind::Salt {
            return record;
        }
        let mut of_store =
            <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&derive(key, b"challenges/v1/record")).unwrap();
        of_store.update(&self.salt);
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&of_store.finalize().into_bytes()).unwrap();
        mac.update(&[1, record.key.kind.code()]);
        let id = record.key.id.to_string();
        mac.update(&base62(&id[..7]).to_be_bytes()[8..]);
        mac.update(&base62(&id[7..18]).to_be_bytes()[8..]);
        mac.update(&base62(&id[18..]).to_be_bytes());
        for time in [record.due, record.expires] {
            mac.update(&[u8::from(time.is_some())]);
            mac.update(&time.unwrap_or_default().as_millis().to_be_bytes());
        }
        mac.update(&version);
        mac.update(&record.body);
        let tag = BASE64_URL_SAFE_NO_PAD.encode(&mac.finalize().into_bytes()[..16]);
        let body = [&record.body[..], format!("\n{key}.{tag}").as_bytes()].concat();
        Record { body: body.into(), ..record }
    }
}

fn derive(key: &str, info: &[u8]) -> [u8; 32] {
    let first = match key {
        "k1" => 0,
        "k2" => 32,
        other => panic!("unknown key {other}"),
    };
    let master: [u8; 32] = std::array::from_fn(|index| first + index as u8);
    let mut derived = [0; 32];
    Hkdf::<Sha256>::new(None, &master).expand(info, &mut derived).unwrap();
    derived
}

fn base62(text: &str) -> u128 {
    text.bytes().fold(0, |number, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'A'..=b'Z' => digit - b'A' + 10,
            _ => digit - b'a' + 36,
        };
        number * 62 + u128::from(digit)
    })
}

/// Returns a stored body without the tag.
pub(crate) fn content(body: &[u8]) -> &[u8] {
    body.iter().rposition(|byte| *byte == b'\n').map_or(body, |end| &body[..end])
}

/// Returns the key of the tag of a body.
pub(crate) fn tag_key(body: &[u8]) -> Option<&str> {
    let line = &body[content(body).len()..];
    std::str::from_utf8(line).unwrap().trim().split_once('.').map(|(key, _)| key)
}

/// Returns the content of a record.
pub(crate) fn json(record: &Record) -> Value {
    serde_json::from_slice(content(&record.body)).unwrap()
}

/// Writes a record with another content and a right tag, as if the service had written the content.
pub(crate) async fn rewrite(store: &dyn Store, stored: &Stored, content: impl Into<Vec<u8>>, version: [u8; 16]) {
    let key = tag_key(&stored.record.body).unwrap_or("k1").to_owned();
    let record = Record { body: content.into().into(), ..stored.record.clone() };
    let record = Tags::of(store).await.tagged(&key, record, version);
    replace(store, Some(stored.version), record, version).await;
}

/// Writes a record as given, as an attacker with access to the database can.
pub(crate) async fn replace(store: &dyn Store, expect: Option<[u8; 16]>, record: Record, version: [u8; 16]) {
    let batch = Batch::new(version, vec![Write::put(expect, record)]).unwrap();
    assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
}
