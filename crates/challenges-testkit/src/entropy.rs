use std::io;
use std::sync::{Mutex, PoisonError};

use challenges_core::entropy::Entropy;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// A deterministic entropy source. Equal seeds give equal bytes, so a test run can be repeated.
///
/// Never use this source outside tests: the seed reveals every generated secret.
///
/// # Examples
///
/// ```
/// use challenges_core::entropy::Entropy;
/// use challenges_testkit::SeededEntropy;
///
/// let (mut once, mut again) = ([0; 16], [0; 16]);
/// SeededEntropy::new(7).fill(&mut once)?;
/// SeededEntropy::new(7).fill(&mut again)?;
/// assert_eq!(once, again);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct SeededEntropy(Mutex<StdRng>);

impl SeededEntropy {
    /// Creates a source from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
        Ok(())
    }
}

/// An entropy source that always fails, and with it every operation that needs randomness.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "tests build and match this")]
pub struct FailingEntropy;

impl Entropy for FailingEntropy {
    fn fill(&self, _: &mut [u8]) -> io::Result<()> {
        Err(io::Error::other("FailingEntropy always fails"))
    }
}
