use std::fmt;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::encoding::serde_as_base64url;
use super::preference::{Preference, Transport};
use crate::error::Invalid;

/// A registered credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "implementations of Ceremonies build this struct")]
pub struct Credential {
    /// The id, chosen by the authenticator.
    pub id: CredentialId,
    /// The public key to verify signatures with.
    pub public_key: PublicKey,
    /// The signature counter (Web Authentication Level 3, section 6.1.1) at the last use; 0 if not supported.
    pub sign_count: u32,
    /// The AAGUID: the claimed make and model of the authenticator (Web Authentication Level 3, section 6.5.1), or zeros.
    /// Only a trusted attestation proves the claim.
    pub aaguid: Uuid,
    /// `true` if the authenticator verified the user at registration.
    pub user_verified: bool,
    /// `true` if the credential may be on several devices. Never changes.
    pub backup_eligible: bool,
    /// `true` if the credential was backed up at the last use.
    pub backed_up: bool,
    /// The ways to reach the authenticator.
    pub transports: Vec<Transport>,
    /// The format of the attestation statement (section 8), such as `none` or `packed`.
    pub attestation_format: String,
    /// `true` if the attestation leads to a trust anchor of the host.
    pub attestation_trusted: bool,
}

impl Credential {
    /// Returns whether an assertion needs user verification, by the requirement of the enrollment (section 7.2 step
    /// 17).
    #[must_use]
    pub const fn needs_verification(&self, required: Preference) -> bool {
        match required {
            Preference::Required => true,
            Preference::Preferred => self.user_verified,
            Preference::Discouraged => false,
        }
    }
}

/// The id of a credential: 1 to 1,023 bytes, unique over all users.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CredentialId(Vec<u8>);

impl CredentialId {
    /// Returns the bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns padded base64 (RFC 4648 section 4), the form of the API.
    #[must_use]
    pub fn to_base64(&self) -> String {
        BASE64_STANDARD.encode(&self.0)
    }

    fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        (1..=1_023).contains(&bytes.len()).then_some(Self(bytes))
    }
}

impl TryFrom<Vec<u8>> for CredentialId {
    type Error = Invalid;

    fn try_from(bytes: Vec<u8>) -> Result<Self, Invalid> {
        Self::from_bytes(bytes).ok_or(Invalid::CredentialId)
    }
}

impl fmt::Debug for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CredentialId({})", BASE64_URL_SAFE_NO_PAD.encode(&self.0))
    }
}

serde_as_base64url!(CredentialId);

/// A public key in the attested form: a COSE_Key (RFC 9052 section 7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(Vec<u8>);

impl PublicKey {
    /// Returns the bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn from_bytes(cose_key: Vec<u8>) -> Option<Self> {
        Some(Self(cose_key))
    }
}

impl From<Vec<u8>> for PublicKey {
    fn from(cose_key: Vec<u8>) -> Self {
        Self(cose_key)
    }
}

serde_as_base64url!(PublicKey);
