use super::StepUp;
use crate::challenge::Passed;
use crate::error::StepUpRefused;

impl Passed {
    /// Adds the evidence of an earlier step-up, so that a token granted for this challenge carries the evidence of
    /// both. A [`Requirement`](super::Requirement) of two factors can then be met one challenge at a time.
    ///
    /// Evidence keeps its own time. Older evidence of the same authenticator is left out, and at most four pieces are
    /// kept: those of this challenge first, then those of the earlier step-up in order.
    ///
    /// # Errors
    ///
    /// [`StepUpRefused::OtherOwner`] and [`StepUpRefused::OtherPurpose`] when the step-up is of another user or for
    /// another purpose than this challenge.
    ///
    /// # Examples
    ///
    /// ```
    /// use challenges_core::{Challenges, Error, Passed, Secret, StepUp};
    ///
    /// fn grant(challenges: &Challenges, passed: Passed, earlier: Option<StepUp>) -> Result<Secret, Error> {
    ///     let passed = match earlier {
    ///         Some(earlier) => passed.after(&earlier)?,
    ///         None => passed,
    ///     };
    ///     challenges.step_up().grant(&passed)
    /// }
    /// ```
    pub fn after(self, earlier: &StepUp) -> Result<Self, StepUpRefused> {
        if self.owner() != earlier.owner() {
            return Err(StepUpRefused::OtherOwner);
        }
        if self.challenge().purpose() != Some(earlier.purpose()) {
            return Err(StepUpRefused::OtherPurpose);
        }
        Ok(self.with_evidence(earlier.evidence()))
    }
}
