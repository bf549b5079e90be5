//! Random bytes, from the operating system unless a host says otherwise.

mod os;

pub use os::OsEntropy;

use std::error::Error;
use std::fmt::Debug;

use crate::base62;

/// A source of unpredictable bytes.
///
/// Codes, link secrets, ids, nonces and keys are made of them: whoever can predict them passes every challenge. Tests
/// alone have a reason to replace [`OsEntropy`].
pub trait Entropy: Debug + Send + Sync + 'static {
    /// Fills `bytes` with unpredictable bytes.
    ///
    /// # Errors
    ///
    /// [`EntropyError`] when the source gives none; the operation then fails and nothing is written.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}

/// The source of random bytes failed.
#[derive(Debug, thiserror::Error)]
#[error("no random bytes could be had; see the source of this error, and check that the system's generator works")]
pub struct EntropyError(#[source] Box<dyn Error + Send + Sync>);

impl EntropyError {
    /// Wraps the error of a source.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

pub(crate) fn bytes<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N], EntropyError> {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes)?;
    Ok(bytes)
}

/// `length` characters of `alphabet`, each as likely as any other.
///
/// A byte beyond the largest multiple of the alphabet's length is thrown away; the remainder of what is left is
/// uniform.
pub(crate) fn characters(entropy: &dyn Entropy, alphabet: &[u8], length: usize) -> Result<String, EntropyError> {
    let count = alphabet.len();
    let limit = 256 - 256 % count.max(1);
    let mut out = String::with_capacity(length);
    while out.len() < length {
        let mut pool = zeroize::Zeroizing::new([0_u8; 32]);
        entropy.fill(pool.as_mut_slice())?;
        let usable = pool.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < limit);
        let drawn = usable.filter_map(|byte| alphabet.get(byte % count)).map(|byte| char::from(*byte));
        out.extend(drawn.take(length - out.len()));
    }
    Ok(out)
}

/// 22 base62 characters: 131 bits.
pub(crate) fn secret(entropy: &dyn Entropy) -> Result<String, EntropyError> {
    characters(entropy, base62::ALPHABET, 22)
}

#[cfg(test)]
mod tests;
