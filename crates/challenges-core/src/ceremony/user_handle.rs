use super::encoding::serde_as_base64url;

/// The identifier of a user in authenticators (Web Authentication Level 3, section 14.6.1): 1 to 64 bytes without
/// personal information.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserHandle(Vec<u8>);

impl UserHandle {
    /// Returns the bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        (1..=64).contains(&bytes.len()).then_some(Self(bytes))
    }
}

impl From<[u8; 32]> for UserHandle {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes.into())
    }
}

serde_as_base64url!(UserHandle);
