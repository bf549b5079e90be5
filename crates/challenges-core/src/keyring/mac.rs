use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::ring::RingKey;
use super::{KeyRing, Place, SealError};
use crate::secret::Secret;

/// A keyed hash (HMAC-SHA-256) of a code or link secret, bound to a record and field: `key id.base64url(hash)`.
///
/// A stolen store does not give the code away: trying codes needs the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mac(String);

impl KeyRing {
    /// Computes the keyed hash of `secret` for a place, under the active key.
    #[must_use]
    pub(crate) fn mac(&self, place: Place<'_>, secret: &str) -> Mac {
        let key = self.active_key();
        Mac(key.text_of(&hash(key, place, secret).finalize().into_bytes()))
    }

    /// Returns whether `mac` is the keyed hash of `secret`, comparing in constant time.
    ///
    /// # Errors
    ///
    /// [`SealError`] when the key is retired or not in the ring, or the hash is malformed.
    pub(crate) fn verify(&self, place: Place<'_>, mac: &Mac, secret: &str) -> Result<bool, SealError> {
        let (key, text) = self.proving_key_of(&mac.0)?;
        let mut expected = [0; 32];
        let length = BASE64_URL_SAFE_NO_PAD.decode_slice(text, &mut expected).map_err(|_| SealError::Forged)?;
        if length != expected.len() {
            return Err(SealError::Forged);
        }
        Ok(hash(key, place, secret).verify_slice(&expected).is_ok())
    }

    /// Returns the secret that follows a secret already [verified](Self::verify) against `mac`: 43 characters of
    /// base64url, 256 bits. Equal arguments give equal secrets. Without the key, the next secret cannot be computed
    /// from the earlier one.
    ///
    /// # Errors
    ///
    /// [`SealError`] when the key is retired or not in the ring.
    pub(crate) fn successor(&self, place: Place<'_>, mac: &Mac, secret: &str) -> Result<Secret, SealError> {
        let (key, _) = self.proving_key_of(&mac.0)?;
        let field = format!("{}/next", place.field);
        let next = hash(key, place.field(&field), secret).finalize().into_bytes();
        Ok(BASE64_URL_SAFE_NO_PAD.encode(next).into())
    }

    /// Returns whether the key of `mac` proves: the key is in the ring, and not retired.
    ///
    /// # Errors
    ///
    /// [`SealError::Forged`] when the MAC is malformed.
    pub(crate) fn proves(&self, mac: &Mac) -> Result<bool, SealError> {
        match self.proving_key_of(&mac.0) {
            Ok(_) => Ok(true),
            Err(SealError::RetiredKey(_) | SealError::UnknownKey(_)) => Ok(false),
            Err(error @ (SealError::Forged | SealError::ForgedRecord)) => Err(error),
        }
    }

    /// Returns whether `mac` is the fingerprint of `secret`. A fingerprint proves nothing, so under a retired key the
    /// result is `false` instead of an error.
    ///
    /// # Errors
    ///
    /// [`SealError`] when the key is not in the ring, or the hash is malformed.
    pub(crate) fn is_fingerprint(&self, place: Place<'_>, mac: &Mac, secret: &str) -> Result<bool, SealError> {
        match self.verify(place, mac, secret) {
            Err(SealError::RetiredKey(_)) => Ok(false),
            compared => compared,
        }
    }

    /// Returns whether the key of a MAC is retired: [`verify`](Self::verify) then always fails.
    pub(crate) fn is_retired(&self, mac: &Mac) -> bool {
        matches!(self.proving_key_of(&mac.0), Err(SealError::RetiredKey(_)))
    }

    /// Returns the key of a MAC, unless that key is active. The key need not be in the ring: the MAC is then useless,
    /// and no walk can help.
    ///
    /// # Errors
    ///
    /// [`SealError::Forged`] when the MAC is malformed.
    pub(crate) fn inactive_key(&self, mac: &Mac) -> Result<Option<String>, SealError> {
        match self.key_of(&mac.0) {
            Ok((key, _)) => Ok((key.id != self.active()).then(|| key.id.clone())),
            Err(SealError::UnknownKey(id)) => Ok(Some(id)),
            Err(error @ (SealError::Forged | SealError::ForgedRecord | SealError::RetiredKey(_))) => Err(error),
        }
    }
}

fn hash(key: &RingKey, place: Place<'_>, secret: &str) -> Hmac<Sha256> {
    let mut mac = key.mac.clone();
    place.write_to(|bytes| mac.update(bytes));
    mac.update(secret.as_bytes());
    mac
}
