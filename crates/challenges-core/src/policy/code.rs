/// The form of the code of a `code` challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodeForm {
    /// 22 base62 characters: 131 bits, which cannot be guessed.
    Secret,
    /// A number of digits, 6 to 10, for a person to type. Such a code counts as guessable.
    Digits(u8),
}

impl CodeForm {
    /// Returns whether trying codes can succeed.
    pub(crate) const fn is_guessable(self) -> bool {
        match self {
            Self::Secret => false,
            Self::Digits(_) => true,
        }
    }
}
