//! Step-up authentication: tokens that prove a recently passed challenge for a purpose.

mod calls;
mod claims;
mod collect;
mod earlier;

pub use calls::StepUps;

pub use crate::error::StepUpRefused;
pub use crate::evidence::{Evidence, Requirement, StepUp};

#[cfg(test)]
mod tests;
