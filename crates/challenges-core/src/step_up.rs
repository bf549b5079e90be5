//! Step-up authentication: tokens that prove that a user passed a challenge for a purpose a short while ago.

mod calls;
mod claims;
mod token;
mod verified;

pub use calls::StepUps;
pub use token::StepUpToken;
pub use verified::StepUp;

pub use crate::error::{StepUpRefusal, StepUpRefused};

#[cfg(test)]
mod tests;
