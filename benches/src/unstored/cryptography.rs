use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use challenges_core::Owner;
use challenges_core::store::Id;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use xaes_256_gcm::aead::{Aead as _, KeyInit as _, Payload};
use xaes_256_gcm::{Nonce, Xaes256Gcm};

const NONCE: usize = 24;

/// The cryptography of the library, by the same crates: keyed hashes of codes, and sealed answer data.
pub(super) struct Cryptography {
    mac: Hmac<Sha256>,
    cipher: Xaes256Gcm,
}

impl Cryptography {
    pub(super) fn new() -> Self {
        Self { mac: Hmac::new_from_slice(&draw::<32>()).unwrap(), cipher: Xaes256Gcm::new(&draw::<32>().into()) }
    }

    pub(super) fn mac(&self, place: &[u8], secret: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.hash(place, secret).finalize().into_bytes())
    }

    pub(super) fn verify(&self, place: &[u8], mac: &str, secret: &str) -> bool {
        let expected = BASE64_URL_SAFE_NO_PAD.decode(mac).unwrap();
        self.hash(place, secret).verify_slice(&expected).is_ok()
    }

    pub(super) fn seal(&self, place: &[u8], plain: &[u8]) -> String {
        let nonce = draw::<NONCE>();
        let sealed = self.cipher.encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: place }).unwrap();
        BASE64_URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat())
    }

    pub(super) fn open(&self, place: &[u8], sealed: &str) -> Vec<u8> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealed).unwrap();
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>().unwrap();
        self.cipher.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: place }).unwrap()
    }

    fn hash(&self, place: &[u8], secret: &str) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(place);
        mac.update(secret.as_bytes());
        mac
    }
}

/// Returns what a hash or sealed value is bound to: the record, its owner and the field.
pub(super) fn place(id: Id, owner: &Owner, field: &str) -> Vec<u8> {
    let mut place = Vec::with_capacity(128);
    for part in [id.encode().as_str(), owner.tenant(), owner.user_id(), field] {
        place.extend_from_slice(part.as_bytes());
    }
    place
}

/// Returns random bytes from the operating system, as the library does.
pub(super) fn draw<const N: usize>() -> [u8; N] {
    use rand::TryRng as _;
    let mut bytes = [0; N];
    rand::rngs::SysRng.try_fill_bytes(&mut bytes).unwrap();
    bytes
}
