use hkdf::Hkdf;
use hmac::Hmac;
use sha2::Sha256;
use zeroize::Zeroizing;

/// A secret of 256 bits, for deriving the keys of a ring.
pub(super) struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    pub(super) const fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Derives a key for one use: HKDF (RFC 5869) with SHA-256, without a salt because the master key is uniform.
    pub(super) fn derive(&self, info: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        if Hkdf::<Sha256>::new(None, self.as_bytes()).expand(info, key.as_mut_slice()).is_err() {
            unreachable!("32 bytes are one block of HKDF")
        }
        key
    }
}

/// Creates an HMAC-SHA-256 with a key of 256 bits.
pub(crate) fn hmac_with_key(key: &[u8; 32]) -> Hmac<Sha256> {
    match hmac::KeyInit::new_from_slice(key) {
        Ok(mac) => mac,
        Err(_) => unreachable!("HMAC takes keys of every length"),
    }
}
