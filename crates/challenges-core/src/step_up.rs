//! Step-up authentication: tokens that prove a recently passed challenge for a purpose.

mod calls;
mod claims;
mod collect;
mod earlier;
mod verified;

pub use calls::StepUps;
pub use verified::StepUp;

pub use crate::error::StepUpRefused;
pub use crate::evidence::{Evidence, Requirement};

#[cfg(test)]
mod tests;
