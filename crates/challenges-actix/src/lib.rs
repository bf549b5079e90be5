#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod body;
mod convert;
mod header;
mod service;
mod step_up;

pub use challenges_http::{StepUpCookie, StepUpGate};
pub use header::Header;
pub use service::service;
pub use step_up::{SignedIn, StepUpMiddleware, StepUpService, SteppedUp};
