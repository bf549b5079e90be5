use crate::error::Invalid;

/// The id of a key: 1 to 32 characters of `a-z`, `A-Z`, `0-9`, `-`, `_`. The id is stored with every value sealed by
/// the key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

impl KeyId {
    /// Creates a key id.
    ///
    /// # Errors
    ///
    /// [`Invalid::KeyId`] when the text has another length or other characters.
    pub fn new(text: impl Into<String>) -> Result<Self, Invalid> {
        let text = text.into();
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let fits = (1..=32).contains(&text.len()) && text.bytes().all(is_allowed);
        if fits { Ok(Self(text)) } else { Err(Invalid::KeyId) }
    }

    /// Returns the id of the key from [`KeyRing::generate`](super::KeyRing::generate).
    pub(super) fn first() -> Self {
        Self("k1".to_owned())
    }

    /// Returns the text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
