use std::fmt;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use hkdf::Hkdf;
use hmac::Hmac;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::SealError;
use crate::entropy::{self, Entropy, EntropyError, OsEntropy};

/// The name of a key: 1 to 32 characters of `a-z`, `A-Z`, `0-9`, `-`, `_`. It is stored with all that the key seals.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

impl KeyId {
    /// The key id of that text.
    ///
    /// # Errors
    ///
    /// [`KeyRingError::KeyId`] when it has another length or other characters.
    pub fn new(text: impl Into<String>) -> Result<Self, KeyRingError> {
        let text = text.into();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if (1..=32).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text))
        } else {
            Err(KeyRingError::KeyId)
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// 256 secret bits, of which a ring derives its keys.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// The key of those bytes, which must be random: a password is no key.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A new key.
    ///
    /// # Errors
    ///
    /// [`EntropyError`] when the source of randomness gives none.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        entropy::bytes(entropy).map(Self)
    }

    pub(super) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey([redacted])")
    }
}

/// Named keys, one of them active: it seals what is written, and every one opens what it once sealed.
///
/// Keep the text of the ring ([`KeyRing::to_text`]) where the application keeps its other secrets, apart from the
/// database: without it no enrollment can be used again.
///
/// # Changing keys without a pause
///
/// Each step is a rolling deploy of its own: go on only once every process has taken it.
///
/// 1. Add the new key with [`KeyRing::with_key`]; the old one stays active. Every process can now open what a later one
///    seals.
/// 2. Make the new key active, the old one being kept with [`KeyRing::with_key`]. From now on nothing is sealed under the
///    old one.
/// 3. Walk with [`Challenges::reseal`](crate::Challenges::reseal) until a walk is
///    [`done`](crate::Resealed::done). Codes and links are stored as hashes, which cannot be made anew and end with their
///    records: [`still_under`](crate::Resealed::still_under) tells when the last of them does, and a walk after that is
///    done.
/// 4. Take the old key out. Step-up tokens from before step 2 are refused from here on; to have them all accepted, let
///    [`StepUpToken::LONGEST_AGE`](crate::StepUpToken::LONGEST_AGE) pass before.
///
/// A walk seals the salt, which every start opens, as the last thing and only when it left nothing else. So a service whose
/// ring lost a key too early does not start, and says which key it lacks. A process that runs with such a ring fails
/// closed wherever it meets something under that key ([`SealError::UnknownKey`]).
///
/// # Examples
///
/// ```
/// use challenges_core::{Challenges, KeyId, KeyRing, MasterKey};
/// use challenges_memory::MemoryStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = std::sync::Arc::new(MemoryStore::new());
/// let (old, new) = (|| MasterKey::from_bytes([1; 32]), || MasterKey::from_bytes([2; 32])); // yours are random
/// let (k1, k2) = (KeyId::new("k1")?, KeyId::new("k2")?);
/// Challenges::builder(store.clone(), KeyRing::new(k1.clone(), old())).build().await?;
///
/// // 1. The new key opens.
/// let ring = KeyRing::new(k1.clone(), old()).with_key(k2.clone(), new())?;
/// Challenges::builder(store.clone(), ring).build().await?;
///
/// // 2. The new key seals.
/// let ring = KeyRing::new(k2.clone(), new()).with_key(k1, old())?;
/// let challenges = Challenges::builder(store.clone(), ring).build().await?;
///
/// // 3. What there is moves over to it.
/// assert!(Challenges::builder(store.clone(), KeyRing::new(k2.clone(), new())).build().await.is_err());
/// let mut page = challenges.reseal(None, 100).await?;
/// while let Some(cursor) = page.next {
///     page = challenges.reseal(Some(cursor), 100).await?;
/// }
/// assert!(page.done);
///
/// // 4. The old key is needed no more.
/// Challenges::builder(store, KeyRing::new(k2, new())).build().await?;
/// # Ok(())
/// # }
/// ```
pub struct KeyRing {
    active: RingKey,
    retired: Vec<RingKey>,
}

pub(super) struct RingKey {
    pub(super) id: KeyId,
    pub(super) master: MasterKey,
    pub(super) cipher: XChaCha20Poly1305,
    pub(super) mac: Hmac<Sha256>,
}

impl KeyRing {
    /// A ring of one key, which is active.
    #[must_use]
    pub fn new(id: KeyId, key: MasterKey) -> Self {
        Self { active: RingKey::new(id, key), retired: Vec::new() }
    }

    /// A ring of one new key, named `k1`. Whoever does not keep its text loses what it seals.
    ///
    /// # Errors
    ///
    /// [`EntropyError`] when the operating system gives no random bytes.
    pub fn generate() -> Result<Self, EntropyError> {
        Ok(Self::new(KeyId("k1".to_owned()), MasterKey::generate(&OsEntropy)?))
    }

    /// Adds a key that opens but does not seal.
    ///
    /// # Errors
    ///
    /// [`KeyRingError::RepeatedKeyId`] when the ring has a key of that name.
    pub fn with_key(mut self, id: KeyId, key: MasterKey) -> Result<Self, KeyRingError> {
        if self.find(id.as_str()).is_some() {
            return Err(KeyRingError::RepeatedKeyId);
        }
        self.retired.push(RingKey::new(id, key));
        Ok(self)
    }

    /// The name of the key that seals.
    #[must_use]
    pub const fn active(&self) -> &KeyId {
        &self.active.id
    }

    pub(super) const fn active_key(&self) -> &RingKey {
        &self.active
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &RingKey> {
        std::iter::once(&self.active).chain(&self.retired)
    }

    /// The key that a stored text `key id.…` is under, and what follows its name.
    pub(super) fn key_of<'t>(&self, text: &'t str) -> Result<(&RingKey, &'t str), SealError> {
        let (id, rest) = text.split_once('.').ok_or(SealError::Forged)?;
        if let Some(key) = self.find(id) {
            return Ok((key, rest));
        }
        Err(KeyId::new(id).map_or(SealError::Forged, SealError::UnknownKey))
    }

    pub(super) fn find(&self, id: &str) -> Option<&RingKey> {
        self.keys().find(|key| key.id.as_str() == id)
    }
}

impl RingKey {
    fn new(id: KeyId, master: MasterKey) -> Self {
        let cipher = XChaCha20Poly1305::new(&(*subkey(&master, b"challenges/v1/seal")).into());
        let mac = keyed(&subkey(&master, b"challenges/v1/mac"));
        Self { id, master, cipher, mac }
    }

    /// Bytes as they are stored under this key: `key id.base64url(bytes)`.
    pub(super) fn text_of(&self, bytes: &[u8]) -> String {
        let id = self.id.as_str();
        let mut text = String::with_capacity(id.len() + 1 + bytes.len().div_ceil(3) * 4);
        text.push_str(id);
        text.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(bytes, &mut text);
        text
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let retired: Vec<_> = self.retired.iter().map(|key| &key.id).collect();
        f.debug_struct("KeyRing").field("active", &self.active.id).field("retired", &retired).finish()
    }
}

/// HMAC-SHA-256 under a key of 256 bits.
pub(crate) fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    match hmac::KeyInit::new_from_slice(key) {
        Ok(mac) => mac,
        Err(_) => unreachable!("HMAC takes keys of every length"),
    }
}

/// HKDF (RFC 5869) with SHA-256, no salt: the master key is uniform already.
fn subkey(master: &MasterKey, info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    if Hkdf::<Sha256>::new(None, master.as_bytes()).expand(info, key.as_mut_slice()).is_err() {
        unreachable!("32 bytes are one block of HKDF")
    }
    key
}

/// Why keys make no ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRingError {
    /// A key's name is malformed.
    #[error("a key id is 1 to 32 characters of a-z, A-Z, 0-9, '-' and '_'")]
    KeyId,
    /// Two keys have one name.
    #[error("two keys of the ring have the same id; each needs its own")]
    RepeatedKeyId,
    /// A line of the text form is malformed.
    #[error("line {0} of the key ring is not 'ID:KEY' or '*ID:KEY' with KEY 32 bytes in base64url (43 characters)")]
    Line(usize),
    /// The text form marks no key, or several, as active.
    #[error("exactly one key of the ring must be active: mark its line with a leading '*'")]
    Active,
}
