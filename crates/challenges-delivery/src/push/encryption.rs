//! Message encryption for web push (RFC 8291), as one `aes128gcm` record (RFC 8188).

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use aws_lc_rs::rand;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use challenges_core::endpoints::PushSubscription;
use zeroize::Zeroizing;

use crate::error::{DeliveryError, Unit};

/// The longest payload: 4,096 bytes, as every push service must accept, less header, tag and delimiter (RFC 8291
/// section 4).
pub(super) const MAX_PAYLOAD: usize = 3_993;
const RECORD_SIZE: u32 = 4_096;
/// The block size of padding, which hides the length of payloads.
const PADDING_BLOCK: usize = 256;
const LAST_RECORD: u8 = 2;

/// Encrypts a message with a fresh key pair and salt.
pub(super) fn encrypt(to: &PushSubscription, payload: &[u8]) -> Result<Vec<u8>, DeliveryError> {
    if payload.len() > MAX_PAYLOAD {
        return Err(DeliveryError::TooLong { max: MAX_PAYLOAD, of: Unit::Bytes });
    }
    let keys = Keys::read(to).ok_or(DeliveryError::SubscriptionKeys)?;
    let ephemeral = PrivateKey::generate(&ECDH_P256).map_err(|_| DeliveryError::Crypto)?;
    let mut salt = [0; 16];
    rand::fill(&mut salt).map_err(|_| DeliveryError::Crypto)?;
    let padded = payload.len().next_multiple_of(PADDING_BLOCK).min(MAX_PAYLOAD);
    seal(&keys, &ephemeral, salt, payload, padded - payload.len())
}

/// The user agent's public key and authentication secret (RFC 8291 section 3).
struct Keys {
    public: Vec<u8>,
    auth: Zeroizing<Vec<u8>>,
}

impl Keys {
    fn read(to: &PushSubscription) -> Option<Self> {
        let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
        Some(Self { public: decode(to.p256dh())?, auth: decode(to.auth())?.into() })
    }
}

fn seal(
    keys: &Keys,
    ephemeral: &PrivateKey,
    salt: [u8; 16],
    payload: &[u8],
    padding: usize,
) -> Result<Vec<u8>, DeliveryError> {
    let sender = ephemeral.compute_public_key().map_err(|_| DeliveryError::Crypto)?;
    let sender = sender.as_ref();
    let receiver = UnparsedPublicKey::new(&ECDH_P256, &keys.public);
    let secret = agree(ephemeral, receiver, DeliveryError::SubscriptionKeys, |shared| {
        let prk = Salt::new(HKDF_SHA256, &keys.auth).extract(shared);
        expand::<32>(&prk, &[b"WebPush: info\0", &keys.public, sender]).map_err(|_| DeliveryError::Crypto)
    })?;
    let prk = Salt::new(HKDF_SHA256, &salt).extract(secret.as_slice());

    let mut record = Vec::with_capacity(payload.len() + 1 + padding + AES_128_GCM.tag_len());
    record.extend_from_slice(payload);
    record.push(LAST_RECORD);
    record.resize(record.len() + padding, 0);
    encrypt_record(&prk, &mut record).map_err(|_| DeliveryError::Crypto)?;

    let key_length = u8::try_from(sender.len()).map_err(|_| DeliveryError::Crypto)?;
    Ok([&salt, &RECORD_SIZE.to_be_bytes()[..], &[key_length], sender, &record].concat())
}

fn encrypt_record(prk: &Prk, record: &mut Vec<u8>) -> Result<(), Unspecified> {
    let key = expand::<16>(prk, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce = expand::<12>(prk, &[b"Content-Encoding: nonce\0"])?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, key.as_slice())?);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(*nonce), Aad::empty(), record)
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(prk: &Prk, info: &[&[u8]]) -> Result<Zeroizing<[u8; N]>, Unspecified> {
    let mut out = Zeroizing::new([0; N]);
    prk.expand(info, Length(N))?.fill(out.as_mut_slice())?;
    Ok(out)
}

#[cfg(test)]
mod tests;
