//! The limits of a service, with safe defaults.

mod dispatch;
mod limits;
mod sends;
mod validation;

pub use dispatch::DispatchPolicy;
pub use limits::Policy;
pub use sends::{SendLimit, SendPolicy};

#[cfg(test)]
mod tests;
