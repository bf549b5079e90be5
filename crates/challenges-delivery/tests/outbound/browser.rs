//! A subscribed browser. Decryption shares no code with the implementation under test.

use aes_gcm::aead::Aead as _;
use aes_gcm::{Aes128Gcm, KeyInit as _};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use challenges_core::endpoints::PushSubscription;
use hkdf::Hkdf;
use p256::ecdh::diffie_hellman;
use p256::elliptic_curve::sec1::ToSec1Point as _;
use p256::{PublicKey, SecretKey};
use serde_json::Value;
use sha2::Sha256;

pub(crate) struct Browser {
    key: SecretKey,
    auth: [u8; 16],
}

impl Browser {
    pub(crate) fn new() -> Self {
        Self { key: SecretKey::from_slice(&[7; 32]).unwrap(), auth: [9; 16] }
    }

    fn public(&self) -> Vec<u8> {
        self.key.public_key().to_sec1_point(false).as_bytes().to_vec()
    }

    pub(crate) fn subscription(&self, endpoint: &str) -> PushSubscription {
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        PushSubscription::new(endpoint, &encode(&self.public()), &encode(&self.auth)).unwrap()
    }

    /// Decrypts a message of one record (RFC 8291 section 3, RFC 8188 section 2).
    pub(crate) fn decrypt(&self, body: &[u8]) -> Value {
        let (head, record) = body.split_at(86);
        let (salt, sender) = (&head[..16], &head[21..]);
        assert_eq!(u32::from_be_bytes(head[16..20].try_into().unwrap()), 4_096);
        assert_eq!(head[20], 65);
        assert!(record.len() <= 4_096);

        let peer = PublicKey::from_sec1_bytes(sender).unwrap();
        let shared = diffie_hellman(self.key.to_nonzero_scalar(), peer.as_affine());
        let info = [b"WebPush: info\0", &self.public()[..], sender].concat();
        let secret: [u8; 32] = expand(&self.auth, shared.raw_secret_bytes(), &info);
        let key: [u8; 16] = expand(salt, &secret, b"Content-Encoding: aes128gcm\0");
        let nonce: [u8; 12] = expand(salt, &secret, b"Content-Encoding: nonce\0");
        let plain = Aes128Gcm::new(&key.into()).decrypt(&nonce.into(), record).unwrap();
        let end = plain.iter().rposition(|byte| *byte != 0).unwrap();
        assert_eq!(plain[end], 2, "the delimiter of the last record");
        serde_json::from_slice(&plain[..end]).unwrap()
    }
}

fn expand<const N: usize>(salt: &[u8], secret: &[u8], info: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    Hkdf::<Sha256>::new(Some(salt), secret).expand(info, &mut out).unwrap();
    out
}
