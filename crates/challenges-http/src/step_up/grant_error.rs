use challenges_core::{Error, Purpose};

/// The error of [`StepUpGate::grant`](super::StepUpGate::grant).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GrantError {
    /// The challenge has another purpose than the gate.
    #[error(
        "the challenge was passed for the purpose {passed}, but the gate is for {gate}; create the challenge with StepUpGate::purpose"
    )]
    OtherPurpose {
        /// The purpose of the challenge.
        passed: Purpose,
        /// The purpose of the gate.
        gate: Purpose,
    },
    /// The token cannot be granted.
    #[error(transparent)]
    Core(#[from] Error),
}
