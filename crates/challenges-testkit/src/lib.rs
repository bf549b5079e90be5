#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod authenticator;
mod clock;
pub mod conformance;
mod counting;
mod defective;
#[cfg(feature = "differential")]
pub mod differential;
mod entropy;
pub mod explore;
mod flaky;
mod interrupted;
mod key_ring;
pub mod linearizability;
mod open;
#[cfg(feature = "redis-server")]
pub mod redis;
#[cfg(feature = "webauthn")]
pub mod webauthn;
mod yielding;

pub use authenticator::Authenticator;
pub use clock::FakeClock;
pub use counting::{Counting, Counts};
pub use defective::{Defect, DefectiveStore};
pub use entropy::{FailingEntropy, SeededEntropy};
pub use flaky::{Call, Fault, Flaky, InjectedFault, Method};
pub use interrupted::Interrupted;
pub use yielding::{Yielding, yield_now};
