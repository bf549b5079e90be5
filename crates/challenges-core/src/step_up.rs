//! Step-up authentication: tokens that prove a recently passed challenge for a purpose.

mod calls;
mod claims;
mod token;
mod verified;

pub use calls::StepUps;
pub use token::StepUpToken;
pub use verified::StepUp;

pub use crate::error::StepUpRefused;

#[cfg(test)]
mod tests;
