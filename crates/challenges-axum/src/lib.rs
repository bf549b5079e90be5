#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod router;
mod step_up;

pub use challenges_http::{StepUpCookie, StepUpGate};
pub use router::router;
pub use step_up::{SignedIn, StepUpLayer, StepUpService, SteppedUp};
