use std::fmt;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};

use super::encoding::serde_as_base64url;
use crate::entropy::{self, Entropy, NoEntropy};

/// The challenge of a ceremony (Web Authentication Level 3, section 13.4.3): 32 random bytes. The value is public;
/// security rests on single use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicChallenge([u8; 32]);

impl PublicChallenge {
    /// Returns the bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn generate(entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        entropy::bytes(entropy).map(Self)
    }

    fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl From<[u8; 32]> for PublicChallenge {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for PublicChallenge {
    /// Writes base64url without padding, the form in the client data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(self.0))
    }
}

serde_as_base64url!(PublicChallenge);
