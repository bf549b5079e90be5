use std::fmt;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use hmac::Hmac;
use sha2::Sha256;

use super::{KeyId, KeyRingError, MasterKey, SealError, hmac_with_key};
use crate::entropy::{EntropyError, OsEntropy};

/// Named keys, one of them active. The active key seals; every key opens what it sealed before.
///
/// Keep the text of the ring ([`KeyRing::to_text`]) with the other secrets of the application, apart from the database.
/// Without the ring no enrollment can be used again.
///
/// # Key rotation without downtime
///
/// Each step is a rolling deployment. Start the next step only when every process has finished the last one.
///
/// 1. Add the new key with [`KeyRing::with_key`]; the old key stays active. Every process can now open what another
///    process seals after step 2.
/// 2. Make the new key active, and add the old key with [`KeyRing::with_key`]. Nothing is sealed under the old key from now
///    on.
/// 3. Walk the store with [`Keys::reseal`](crate::key_rotation::Keys::reseal) until a walk ends with
///    [`done`](crate::key_rotation::ResealReport::done). Codes and links are stored as keyed hashes, which cannot be
///    re-keyed and expire with their records.
///    [`still_under`](crate::key_rotation::ResealReport::still_under) tells when the last of them expires; a walk after
///    that time is done.
/// 4. Remove the old key. Step-up tokens from before step 2 are refused from now on. To have all of them accepted, wait
///    [`StepUpToken::LONGEST_AGE`](crate::step_up::StepUpToken::LONGEST_AGE) before this step.
///
/// A walk seals the salt last, and only when nothing else needs the old key. Every start opens the salt. So a service whose
/// ring lost a key too early does not start, and names the missing key. A process that runs with such a ring fails closed
/// wherever a value needs that key ([`SealError::UnknownKey`]).
///
/// # Examples
///
/// ```
/// use challenges_core::Challenges;
/// use challenges_core::keyring::{KeyId, KeyRing, MasterKey};
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
/// // 3. Stored records move to the new key.
/// assert!(Challenges::builder(store.clone(), KeyRing::new(k2.clone(), new())).build().await.is_err());
/// let mut page = challenges.keys().reseal(None, 100).await?;
/// while let Some(cursor) = page.next {
///     page = challenges.keys().reseal(Some(cursor), 100).await?;
/// }
/// assert!(page.done);
///
/// // 4. The old key is no longer needed.
/// Challenges::builder(store, KeyRing::new(k2, new())).build().await?;
/// # Ok(())
/// # }
/// ```
pub struct KeyRing {
    active: RingKey,
    retired: Vec<RingKey>,
}

impl KeyRing {
    /// Creates a ring of one key, which is active.
    #[must_use]
    pub fn new(id: KeyId, key: MasterKey) -> Self {
        Self { active: RingKey::new(id, key), retired: Vec::new() }
    }

    /// Generates a ring of one new key with the id `k1`. Store the text of the ring: without the ring, everything sealed is
    /// lost.
    ///
    /// # Errors
    ///
    /// [`EntropyError`] when the operating system gives no random bytes.
    pub fn generate() -> Result<Self, EntropyError> {
        Ok(Self::new(KeyId::first(), MasterKey::generate(&OsEntropy)?))
    }

    /// Adds a key that opens but does not seal.
    ///
    /// # Errors
    ///
    /// [`KeyRingError::RepeatedKeyId`] when the ring has a key with this id.
    pub fn with_key(mut self, id: KeyId, key: MasterKey) -> Result<Self, KeyRingError> {
        if self.find(id.as_str()).is_some() {
            return Err(KeyRingError::RepeatedKeyId);
        }
        self.retired.push(RingKey::new(id, key));
        Ok(self)
    }

    /// Returns the id of the key that seals.
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

    /// Finds the key of a stored text `key id.…`, and returns the key and the text after the id.
    pub(super) fn key_of<'t>(&self, text: &'t str) -> Result<(&RingKey, &'t str), SealError> {
        let (id, rest) = text.split_once('.').ok_or(SealError::Forged)?;
        if let Some(key) = self.find(id) {
            return Ok((key, rest));
        }
        Err(KeyId::new(id).map_or(SealError::Forged, SealError::UnknownKey))
    }

    fn find(&self, id: &str) -> Option<&RingKey> {
        self.keys().find(|key| key.id.as_str() == id)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let retired: Vec<_> = self.retired.iter().map(|key| &key.id).collect();
        f.debug_struct("KeyRing").field("active", &self.active.id).field("retired", &retired).finish()
    }
}

/// A key of a ring, with the keys derived for each use.
pub(super) struct RingKey {
    pub(super) id: KeyId,
    pub(super) master: MasterKey,
    pub(super) cipher: XChaCha20Poly1305,
    pub(super) mac: Hmac<Sha256>,
}

impl RingKey {
    fn new(id: KeyId, master: MasterKey) -> Self {
        let cipher = XChaCha20Poly1305::new(&(*master.derive(b"challenges/v1/seal")).into());
        let mac = hmac_with_key(&master.derive(b"challenges/v1/mac"));
        Self { id, master, cipher, mac }
    }

    /// Returns the stored form of bytes under this key: `key id.base64url(bytes)`.
    pub(super) fn text_of(&self, bytes: &[u8]) -> String {
        let id = self.id.as_str();
        let mut text = String::with_capacity(id.len() + 1 + bytes.len().div_ceil(3) * 4);
        text.push_str(id);
        text.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(bytes, &mut text);
        text
    }
}
