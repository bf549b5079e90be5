//! The limits of a service, with safe defaults.

mod dispatch;
mod limits;
mod sends;
mod validation;

pub use dispatch::DispatchPolicy;
pub use limits::Policy;
pub(crate) use sends::SendLimit;
pub use sends::SendPolicy;

#[cfg(test)]
mod tests;
