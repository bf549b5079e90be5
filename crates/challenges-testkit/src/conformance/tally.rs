use std::fmt;

use super::Case;

/// The number of failures of a case over many runs.
///
/// A sound store never fails. A useful case fails for a naive store in nearly every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// The case.
    pub case: Case,
    /// The number of runs.
    pub times: usize,
    /// The number of failed runs.
    pub failed: usize,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: failed {} of {} runs", self.case, self.failed, self.times)
    }
}
