use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::key::RingKey;
use super::{KeyRing, Place, SealError};

/// A keyed hash (HMAC-SHA-256) of a code or link secret, bound to its [`Place`]: `key id.base64url(hash)`.
///
/// A stolen store does not tell which code it is of: trying them needs the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mac(String);

impl Mac {
    pub(super) fn as_text(&self) -> &str {
        &self.0
    }
}

impl KeyRing {
    /// The keyed hash of `secret` for a place, under the active key.
    #[must_use]
    pub fn mac(&self, place: Place<'_>, secret: &str) -> Mac {
        let key = self.active_key();
        Mac(key.text_of(&hash(key, place, secret).finalize().into_bytes()))
    }

    /// Whether `mac` is of that secret, compared in constant time.
    ///
    /// # Errors
    ///
    /// [`SealError`] when the key is not in the ring, or the hash is malformed.
    pub fn verify(&self, place: Place<'_>, mac: &Mac, secret: &str) -> Result<bool, SealError> {
        let (key, text) = self.key_of(&mac.0)?;
        let mut expected = [0; 32];
        let length = BASE64_URL_SAFE_NO_PAD.decode_slice(text, &mut expected).map_err(|_| SealError::Forged)?;
        if length != expected.len() {
            return Err(SealError::Forged);
        }
        Ok(hash(key, place, secret).verify_slice(&expected).is_ok())
    }
}

fn hash(key: &RingKey, place: Place<'_>, secret: &str) -> Hmac<Sha256> {
    let mut mac = key.mac.clone();
    place.write_to(|bytes| mac.update(bytes));
    mac.update(secret.as_bytes());
    mac
}
