//! The limits of a service, with safe defaults.

mod code;
mod dispatch;
mod limits;
mod response_origins;
mod sends;
mod sign_count;
mod validation;

pub use code::CodeForm;
pub use dispatch::DispatchPolicy;
pub use limits::Policy;
pub use response_origins::ResponseOrigins;
pub use sends::{SendLimit, SendPolicy};
pub use sign_count::SignCountPolicy;

#[cfg(test)]
mod tests;
