use std::io;

use rand::TryRng;

use super::Entropy;

/// The random number generator of the operating system.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit value that callers name")]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    #[expect(clippy::disallowed_methods, reason = "the one place of core that draws random bytes")]
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        rand::rngs::SysRng.try_fill_bytes(bytes).map_err(io::Error::other)
    }
}
