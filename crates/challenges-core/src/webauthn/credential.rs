use std::fmt;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::aaguid::Aaguid;
use super::preference::Transport;
use crate::entropy::{self, Entropy, EntropyError};
use crate::error::Invalid;

/// What is kept of a credential, as the registration ceremony found it and assertions changed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// The id that the authenticator gave it.
    pub id: CredentialId,
    /// What its signatures are verified with.
    pub public_key: PublicKey,
    /// The signature counter (section 6.1.1) at the last use; 0 from authenticators that have none.
    pub sign_count: u32,
    /// The make and model of the authenticator, as it says of itself; only a trusted attestation proves it.
    pub aaguid: Aaguid,
    /// Whether the authenticator verified its user when the credential was made.
    pub user_verified: bool,
    /// Whether the credential may be on several devices. It never changes.
    pub backup_eligible: bool,
    /// Whether it was backed up, at the last use.
    pub backed_up: bool,
    /// How the authenticator can be reached.
    pub transports: Vec<Transport>,
    /// The format of the attestation statement (section 8), such as `none` or `packed`.
    pub attestation_format: String,
    /// Whether the statement leads to a trust anchor that the host configured.
    pub attestation_trusted: bool,
}

macro_rules! base64url_serde {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&BASE64_URL_SAFE_NO_PAD.encode(&self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                let bytes = BASE64_URL_SAFE_NO_PAD.decode(text.as_bytes()).map_err(D::Error::custom)?;
                Self::from_bytes(bytes).ok_or_else(|| D::Error::custom("of another length than it can have"))
            }
        }
    };
}

/// The id of a credential: 1 to 1,023 bytes, unique over all users.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CredentialId(Vec<u8>);

impl CredentialId {
    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Padded base64 (RFC 4648 section 4), as the API shows it.
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

base64url_serde!(CredentialId);

/// A public key in the form in which it was attested: a COSE_Key (RFC 9052 section 7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(Vec<u8>);

impl PublicKey {
    fn from_bytes(cose_key: Vec<u8>) -> Option<Self> {
        Some(Self(cose_key))
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for PublicKey {
    fn from(cose_key: Vec<u8>) -> Self {
        Self(cose_key)
    }
}

base64url_serde!(PublicKey);

/// The challenge of a ceremony (section 13.4.3): 32 random bytes. It is public; that it is used once is what counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicChallenge([u8; 32]);

impl PublicChallenge {
    pub(crate) fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        entropy::bytes(entropy).map(Self)
    }

    fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for PublicChallenge {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for PublicChallenge {
    /// Unpadded base64url: the very text in the client data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(self.0))
    }
}

base64url_serde!(PublicChallenge);

/// What stands for a user in authenticators (section 14.6.1): 1 to 64 bytes that should tell nobody who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserHandle(Vec<u8>);

impl UserHandle {
    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        (1..=64).contains(&bytes.len()).then_some(Self(bytes))
    }
}

impl From<[u8; 32]> for UserHandle {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes.into())
    }
}

base64url_serde!(UserHandle);
