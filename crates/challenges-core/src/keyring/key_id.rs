use crate::error::Invalid;

/// The id of the key from [`KeyRing::generate`](super::KeyRing::generate).
pub(super) const FIRST: &str = "k1";

/// Checks the id of a key, which is stored with every value sealed by the key.
pub(super) fn check(id: &str) -> Result<String, Invalid> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let fits = (1..=32).contains(&id.len()) && id.bytes().all(is_allowed);
    if fits { Ok(id.to_owned()) } else { Err(Invalid::KeyId) }
}
