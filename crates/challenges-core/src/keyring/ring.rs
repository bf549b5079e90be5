use std::fmt;
use std::io;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use hmac::Hmac;
use sha2::Sha256;
use xaes_256_gcm::Xaes256Gcm;
use xaes_256_gcm::aead::KeyInit as _;
use zeroize::Zeroizing;

use super::{MasterKey, SealError, hmac_with_key, key_id};
use crate::entropy::{self, OsEntropy};
use crate::error::{Error, Invalid};

/// Named keys, each in one of three states.
///
/// | state | seals, authenticates | opens and verifies data | proves: codes, links, step-up tokens |
/// |---|---|---|---|
/// | active: exactly one | yes | yes | yes |
/// | accepted ([`KeyRing::with_key`]) | no | yes | yes |
/// | retired ([`KeyRing::with_retired_key`]) | no | yes | no |
///
/// Keep the text of the ring ([`KeyRing::to_text`]) with the other secrets of the application, apart from the database.
/// Without the ring no enrollment can be used again.
///
/// # Key rotation without downtime
///
/// Each step is a rolling deployment. Start the next step only when every process has finished the last step.
///
/// 1. Add the new key with [`KeyRing::with_key`]; the old key stays active. Every process can now open the values
///    sealed by other processes after step 2.
/// 2. Make the new key active, and add the old key with [`KeyRing::with_key`]. Nothing is sealed under the old key from
///    now on.
/// 3. Walk the store with [`Challenges::reseal`](crate::Challenges::reseal) until a walk ends with
///    [`done`](crate::key_rotation::ResealReport::done). The keyed hashes of codes and links cannot be re-keyed, and
///    expire with the records. [`still_under`](crate::key_rotation::ResealReport::still_under) tells when the last hash
///    expires; a walk after that time is done. [Recovery codes](crate::recovery) never expire, and end with the old key
///    in step 4. Ask the users to generate new codes between step 2 and step 4. [Trusted devices](crate::devices) move
///    to the new key when used, and the others end in step 4.
/// 4. Remove the old key. Step-up tokens from before step 2 are refused from now on. To have all tokens accepted, wait
///    [`StepUps::LONGEST_AGE`](crate::step_up::StepUps::LONGEST_AGE) before this step.
///
/// When the old key has leaked, retire the key in step 2: add it with [`KeyRing::with_retired_key`]. Codes, links,
/// recovery codes and step-up tokens under the key are refused at once, so nobody with the key can forge them. Records
/// under the key are accepted until the key is removed, because otherwise the service could not read its records. Until
/// step 4, an attacker with the key, a copy of the database and write access can therefore forge records.
///
/// A walk seals the salt last, and only when nothing else needs the old key. Every start opens the salt. Therefore a
/// service whose ring lacks a key that is still needed does not start, and the error names the missing key. A running
/// process with such a ring fails closed on every value under the missing key ([`SealError::UnknownKey`]).
///
/// # Examples
///
/// ```
/// use challenges_core::Challenges;
/// use challenges_core::keyring::KeyRing;
/// use challenges_memory::MemoryStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = std::sync::Arc::new(MemoryStore::new());
/// let (old, new) = ([1; 32], [2; 32]); // yours are random
/// Challenges::builder(store.clone(), KeyRing::new("k1", old)?).build().await?;
///
/// // 1. The new key opens.
/// let ring = KeyRing::new("k1", old)?.with_key("k2", new)?;
/// Challenges::builder(store.clone(), ring).build().await?;
///
/// // 2. The new key seals.
/// let ring = KeyRing::new("k2", new)?.with_key("k1", old)?;
/// let challenges = Challenges::builder(store.clone(), ring).build().await?;
///
/// // 3. Stored records move to the new key.
/// assert!(Challenges::builder(store.clone(), KeyRing::new("k2", new)?).build().await.is_err());
/// let mut page = challenges.reseal(None, 100).await?;
/// while let Some(cursor) = page.next {
///     page = challenges.reseal(Some(&cursor), 100).await?;
/// }
/// assert!(page.done);
///
/// // 4. The old key is no longer needed.
/// Challenges::builder(store, KeyRing::new("k2", new)?).build().await?;
/// # Ok(())
/// # }
/// ```
pub struct KeyRing {
    active: RingKey,
    others: Vec<RingKey>,
}

impl KeyRing {
    /// Creates a ring of a single key, the active key. The bytes must be random: a password is not a key.
    ///
    /// The id is stored with every value sealed by the key.
    ///
    /// # Errors
    ///
    /// [`Invalid::KeyId`] unless the id has 1 to 32 characters of `a-z`, `A-Z`, `0-9`, `-`, `_`.
    pub fn new(id: &str, key: impl Into<Zeroizing<[u8; 32]>>) -> Result<Self, Invalid> {
        Ok(Self { active: RingKey::new(id, key, false)?, others: Vec::new() })
    }

    /// Generates a ring of a new key with the id `k1`. Store the text of the ring: without the ring, everything sealed
    /// is lost.
    ///
    /// # Errors
    ///
    /// [`io::Error`] when the operating system gives no random bytes.
    pub fn generate() -> io::Result<Self> {
        let key = RingKey::of(key_id::FIRST.to_owned(), Zeroizing::new(entropy::bytes(&OsEntropy)?), false);
        Ok(Self { active: key, others: Vec::new() })
    }

    /// Generates a ring like [`generate`](Self::generate), with another id of the key.
    ///
    /// # Errors
    ///
    /// [`Error::Entropy`] when the operating system gives no random bytes, and [`Invalid::KeyId`] when the id is
    /// malformed.
    pub fn generate_as(id: &str) -> Result<Self, Error> {
        Ok(Self::new(id, Zeroizing::new(entropy::bytes(&OsEntropy)?))?)
    }

    /// Adds an accepted key: opens and proves, but does not seal.
    ///
    /// # Errors
    ///
    /// [`Invalid::KeyId`] when the id is malformed, and [`Invalid::RepeatedKeyId`] when the ring has a key with this id.
    /// [`Invalid::RepeatedKey`] when the ring has the same bytes under another id.
    pub fn with_key(self, id: &str, key: impl Into<Zeroizing<[u8; 32]>>) -> Result<Self, Invalid> {
        self.with(RingKey::new(id, key, false)?)
    }

    /// Adds a retired key: opens and verifies stored data, and proves nothing else.
    ///
    /// # Errors
    ///
    /// [`Invalid::KeyId`] when the id is malformed, and [`Invalid::RepeatedKeyId`] when the ring has a key with this id.
    /// [`Invalid::RepeatedKey`] when the ring has the same bytes under another id.
    pub fn with_retired_key(self, id: &str, key: impl Into<Zeroizing<[u8; 32]>>) -> Result<Self, Invalid> {
        self.with(RingKey::new(id, key, true)?)
    }

    fn with(mut self, key: RingKey) -> Result<Self, Invalid> {
        if self.find(&key.id).is_some() {
            return Err(Invalid::RepeatedKeyId);
        }
        // A retired key that is also active would go on proving.
        if self.keys().any(|known| known.master.as_bytes() == key.master.as_bytes()) {
            return Err(Invalid::RepeatedKey);
        }
        self.others.push(key);
        Ok(self)
    }

    /// Returns the id of the active key.
    #[must_use]
    pub fn active(&self) -> &str {
        &self.active.id
    }

    pub(super) const fn active_key(&self) -> &RingKey {
        &self.active
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &RingKey> {
        std::iter::once(&self.active).chain(&self.others)
    }

    /// Finds the key of a stored text `key id.…`, and returns the key and the text after the id.
    pub(super) fn key_of<'t>(&self, text: &'t str) -> Result<(&RingKey, &'t str), SealError> {
        let (id, rest) = text.split_once('.').ok_or(SealError::Forged)?;
        if let Some(key) = self.find(id) {
            return Ok((key, rest));
        }
        Err(key_id::check(id).map_or(SealError::Forged, SealError::UnknownKey))
    }

    /// Finds the key like [`key_of`](Self::key_of), and refuses a retired key.
    pub(super) fn proving_key_of<'t>(&self, text: &'t str) -> Result<(&RingKey, &'t str), SealError> {
        let (key, rest) = self.key_of(text)?;
        if key.retired { Err(SealError::RetiredKey(key.id.clone())) } else { Ok((key, rest)) }
    }

    fn find(&self, id: &str) -> Option<&RingKey> {
        self.keys().find(|key| key.id == id)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = |retired| -> Vec<_> {
            self.others.iter().filter(|key| key.retired == retired).map(|key| &key.id).collect()
        };
        f.debug_struct("KeyRing")
            .field("active", &self.active.id)
            .field("accepted", &ids(false))
            .field("retired", &ids(true))
            .finish()
    }
}

/// A key of a ring, with the keys derived for each use.
pub(super) struct RingKey {
    pub(super) id: String,
    /// `true` if the key opens data only.
    pub(super) retired: bool,
    pub(super) master: MasterKey,
    pub(super) cipher: Xaes256Gcm,
    pub(super) mac: Hmac<Sha256>,
}

impl RingKey {
    fn new(id: &str, master: impl Into<Zeroizing<[u8; 32]>>, retired: bool) -> Result<Self, Invalid> {
        Ok(Self::of(key_id::check(id)?, master.into(), retired))
    }

    fn of(id: String, master: Zeroizing<[u8; 32]>, retired: bool) -> Self {
        let master = MasterKey::new(master);
        let cipher = Xaes256Gcm::new(&(*master.derive(b"challenges/v1/seal")).into());
        let mac = hmac_with_key(&master.derive(b"challenges/v1/mac"));
        Self { id, retired, master, cipher, mac }
    }

    /// Returns the stored form of bytes under this key: `key id.base64url(bytes)`.
    pub(super) fn text_of(&self, bytes: &[u8]) -> String {
        let id = &self.id;
        let mut text = String::with_capacity(id.len() + 1 + bytes.len().div_ceil(3) * 4);
        text.push_str(id);
        text.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(bytes, &mut text);
        text
    }
}
