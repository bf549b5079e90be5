use std::fmt;

use super::Case;

/// How often a store failed a case: of a sound store never, of a naive one nearly always, or the case proves little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// The case.
    pub case: Case,
    /// How often it was run.
    pub times: usize,
    /// How often the store failed it.
    pub failed: usize,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: failed {} times of {}", self.case, self.failed, self.times)
    }
}
