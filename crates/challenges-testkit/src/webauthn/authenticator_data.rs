use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::cbor::Cbor;

/// The flags of authenticator data (section 6.1).
pub mod flags {
    /// The user is present.
    pub const UP: u8 = 1;
    /// Reserved for future use.
    pub const RFU1: u8 = 1 << 1;
    /// The user is verified.
    pub const UV: u8 = 1 << 2;
    /// The credential is eligible for backup.
    pub const BE: u8 = 1 << 3;
    /// The credential is backed up.
    pub const BS: u8 = 1 << 4;
    /// Reserved for future use.
    pub const RFU2: u8 = 1 << 5;
    /// Attested credential data is included.
    pub const AT: u8 = 1 << 6;
    /// Extension data is included.
    pub const ED: u8 = 1 << 7;
}

/// Authenticator data (section 6.1). All fields are serialized, even against the flags.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "tests build and match this")]
pub struct AuthenticatorData {
    /// The relying party id, serialized as a SHA-256 hash.
    pub rp_id: String,
    /// The flags, a combination of [`flags`].
    pub flags: u8,
    /// The signature counter.
    pub sign_count: u32,
    /// The new credential of a registration.
    pub attested: Option<AttestedCredential>,
    /// The bytes at the end: a map of extension outputs with [`flags::ED`], stray bytes otherwise.
    pub extensions: Vec<u8>,
}

/// Attested credential data (section 6.5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "tests build and match this")]
pub struct AttestedCredential {
    /// The make and model of the authenticator.
    pub aaguid: Uuid,
    /// The credential id. The serialized length is at most 65,535, even for a longer id.
    pub id: Vec<u8>,
    /// The public key as a `COSE_Key`.
    pub public_key: Cbor,
}

impl AuthenticatorData {
    /// Serializes the authenticator data.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.rp_id_hash().to_vec();
        out.push(self.flags);
        out.extend(self.sign_count.to_be_bytes());
        if let Some(attested) = &self.attested {
            out.extend(attested.aaguid.as_bytes());
            out.extend(u16::try_from(attested.id.len()).unwrap_or(u16::MAX).to_be_bytes());
            out.extend(&attested.id);
            out.extend(attested.public_key.to_bytes());
        }
        out.extend(&self.extensions);
        out
    }

    pub(super) fn rp_id_hash(&self) -> [u8; 32] {
        Sha256::digest(&self.rp_id).into()
    }
}
