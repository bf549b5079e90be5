/// The error of a malformed key ring or key id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRingError {
    /// A key id is malformed.
    #[error("a KeyId needs 1 to 32 characters of a-z, A-Z, 0-9, '-' and '_'")]
    KeyId,
    /// Two keys have the same id.
    #[error("two keys of the ring have the same id; give each key its own")]
    RepeatedKeyId,
    /// A line of the text form is malformed.
    #[error(
        "key {0} of the key ring is not 'ID:KEY', '*ID:KEY' or '~ID:KEY' with KEY 32 bytes in base64url, base64 or hexadecimal"
    )]
    Line(usize),
    /// The text form marks no key or several keys as active.
    #[error("exactly one key of the ring must be active: mark its line with a leading '*'")]
    Active,
}
