use std::io;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde::{Deserialize, Serialize};
use xaes_256_gcm::aead::AeadInOut as _;
use xaes_256_gcm::{Nonce, Tag};
use zeroize::Zeroizing;

use super::ring::RingKey;
use super::{KeyRing, Place, SealError};
use crate::entropy::{self, Entropy, NoEntropy};

const NONCE: usize = 24;
const TAG: usize = 16;

/// A value encrypted and authenticated with XAES-256-GCM (<https://c2sp.org/XAES-256-GCM>), bound to a [`Place`]:
/// `key id.base64url(nonce, text, tag)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Sealed(String);

impl Sealed {
    /// Wraps text from outside, possibly forged.
    pub(crate) fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

impl KeyRing {
    /// Seals `plain` for a place, under the active key and a fresh nonce.
    ///
    /// # Errors
    ///
    /// [`NoEntropy`] when the random number generator fails.
    pub(crate) fn seal(&self, entropy: &dyn Entropy, place: Place<'_>, plain: &[u8]) -> Result<Sealed, NoEntropy> {
        let key = self.active_key();
        let nonce: [u8; NONCE] = entropy::bytes(entropy)?;
        let mut bytes = Vec::with_capacity(NONCE + plain.len() + TAG);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(plain);
        let (_, text) = bytes.split_at_mut(NONCE);
        let aad = associated_data(place);
        let tag = key.cipher.encrypt_inout_detached(&Nonce::from(nonce), &aad, text.into());
        bytes.extend_from_slice(&tag.map_err(|_| NoEntropy(io::Error::other(TooLong)))?);
        Ok(Sealed(key.text_of(&bytes)))
    }

    /// Opens a value sealed for a place.
    ///
    /// # Errors
    ///
    /// [`SealError`] when the key is not in the ring, or the value was changed or moved.
    pub(crate) fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (key, text) = self.key_of(&sealed.0)?;
        open_with(key, place, text)
    }

    /// Opens a token. A token proves its content, so a retired key is refused.
    ///
    /// # Errors
    ///
    /// [`SealError`] when the key is retired or not in the ring, or the token was changed or moved.
    pub(crate) fn open_token(&self, place: Place<'_>, token: &Sealed) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (key, text) = self.proving_key_of(&token.0)?;
        open_with(key, place, text)
    }

    /// Returns whether a value is sealed under the active key.
    ///
    /// # Errors
    ///
    /// [`SealError`] when the key is not in the ring, or the value is malformed.
    pub(crate) fn is_under_active_key(&self, sealed: &Sealed) -> Result<bool, SealError> {
        let (key, _) = self.key_of(&sealed.0)?;
        Ok(key.id == self.active())
    }
}

fn open_with(key: &RingKey, place: Place<'_>, text: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| SealError::Forged)?;
    let mut bytes = Zeroizing::new(bytes);
    let (nonce, rest) = bytes.split_first_chunk_mut::<NONCE>().ok_or(SealError::Forged)?;
    let (text, tag) = rest.split_last_chunk_mut::<TAG>().ok_or(SealError::Forged)?;
    let (nonce, tag, length) = (Nonce::from(*nonce), Tag::from(*tag), text.len());
    let opened = key.cipher.decrypt_inout_detached(&nonce, &associated_data(place), text.into(), &tag);
    opened.map_err(|_| SealError::Forged)?;
    bytes.copy_within(NONCE..NONCE + length, 0);
    bytes.truncate(length);
    Ok(bytes)
}

fn associated_data(place: Place<'_>) -> Vec<u8> {
    let mut data = Vec::with_capacity(128);
    place.write_to(|bytes| data.extend_from_slice(bytes));
    data
}

#[derive(Debug, thiserror::Error)]
#[error("too long to seal")]
struct TooLong;
