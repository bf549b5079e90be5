use std::sync::{Mutex, PoisonError};

use challenges_core::Entropy;
use challenges_core::EntropyError;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// A generator whose bytes follow from its seed, so that a run can be repeated. For tests alone: whoever knows the seed
/// knows every secret.
///
/// # Examples
///
/// ```
/// use challenges_core::Entropy;
/// use challenges_testkit::SeededEntropy;
///
/// let (mut once, mut again) = ([0; 16], [0; 16]);
/// SeededEntropy::new(7).fill(&mut once)?;
/// SeededEntropy::new(7).fill(&mut again)?;
/// assert_eq!(once, again);
/// # Ok::<(), challenges_core::EntropyError>(())
/// ```
#[derive(Debug)]
pub struct SeededEntropy(Mutex<StdRng>);

impl SeededEntropy {
    /// The generator of that seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
        Ok(())
    }
}

/// A source that has failed: every operation that needs randomness must then fail as well.
#[derive(Clone, Copy, Debug, Default)]
pub struct FailingEntropy;

impl Entropy for FailingEntropy {
    fn fill(&self, _: &mut [u8]) -> Result<(), EntropyError> {
        Err(EntropyError::new("this source of entropy always fails"))
    }
}
