#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod administrator;
mod authenticator;
mod clock;
pub mod conformance;
mod counting;
mod defective;
mod entropy;
mod flaky;
mod interrupted;
mod key_ring;
mod notices;
#[cfg(feature = "webauthn")]
pub mod webauthn;
mod yielding;

pub use administrator::administrator;
pub use authenticator::Authenticator;
pub use clock::FakeClock;
pub use counting::{Counting, Counts};
pub use defective::{Defect, DefectiveStore};
pub use entropy::{FailingEntropy, SeededEntropy};
pub use flaky::{Call, Fault, Flaky, InjectedFault, Method};
pub use interrupted::Interrupted;
pub use key_ring::key_ring;
pub use notices::notices;
pub use yielding::{Yielding, yield_now};
