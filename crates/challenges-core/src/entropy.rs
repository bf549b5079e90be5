//! Random bytes, from the operating system by default.

mod os;
mod pool;

#[doc(hidden)]
pub use os::OsEntropy;
pub(crate) use pool::{Pooled, in_one_draw};

use std::fmt::Debug;
use std::io;

use crate::base62;

/// A source of unpredictable bytes.
///
/// Codes, link secrets, ids, nonces and keys come from this source. An attacker who predicts the bytes passes every
/// challenge. Only tests have a reason to replace [`OsEntropy`].
pub trait Entropy: Debug + Send + Sync + 'static {
    /// Fills `bytes` with unpredictable bytes.
    ///
    /// # Errors
    ///
    /// [`io::Error`] when the source fails. The operation then fails too, and nothing is written.
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()>;
}

/// The failure of the source. A separate type, so that no other I/O error becomes an
/// [`Error::Entropy`](crate::Error::Entropy).
#[derive(Debug)]
pub(crate) struct NoEntropy(pub(crate) io::Error);

impl From<NoEntropy> for io::Error {
    fn from(NoEntropy(error): NoEntropy) -> Self {
        error
    }
}

/// Returns `N` random bytes.
pub(crate) fn bytes<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N], NoEntropy> {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes).map_err(NoEntropy)?;
    Ok(bytes)
}

/// Returns `length` characters of `alphabet`, each equally likely.
///
/// Bytes from the largest multiple of the alphabet's length on are thrown away, so the remainder of the others is
/// uniform.
pub(crate) fn characters(entropy: &dyn Entropy, alphabet: &[u8], length: usize) -> Result<String, NoEntropy> {
    let count = alphabet.len();
    let limit = 256 - 256 % count.max(1);
    let mut out = String::with_capacity(length);
    while out.len() < length {
        let mut pool = zeroize::Zeroizing::new([0_u8; 32]);
        entropy.fill(pool.as_mut_slice()).map_err(NoEntropy)?;
        let usable = pool.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < limit);
        let drawn = usable.filter_map(|byte| alphabet.get(byte % count)).map(|byte| char::from(*byte));
        out.extend(drawn.take(length - out.len()));
    }
    Ok(out)
}

/// Returns a secret of 22 base62 characters: 131 bits.
pub(crate) fn secret(entropy: &dyn Entropy) -> Result<String, NoEntropy> {
    characters(entropy, base62::ALPHABET, 22)
}

#[cfg(test)]
mod tests;
