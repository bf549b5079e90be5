#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), forbid(clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
#![cfg_attr(not(test), forbid(clippy::todo, clippy::unimplemented, clippy::unwrap_used))]

mod error;
#[cfg(feature = "pages")]
mod fresh_login;
#[cfg(feature = "pages")]
mod pages;
mod router;
mod signed_in;
mod step_up;

pub use challenges_http::{GrantError, InvalidStepUpPath, StepUpCookie, StepUpGate};
pub use error::Error;
#[cfg(feature = "pages")]
pub use fresh_login::FreshLogin;
#[cfg(feature = "pages")]
pub use pages::pages;
pub use router::router;
pub use signed_in::SignedIn;
#[cfg(feature = "axum-login")]
pub use signed_in::axum_login::AxumLogin;
#[cfg(feature = "tower-sessions")]
pub use signed_in::tower_sessions::TowerSession;
pub use step_up::{StepUpLayer, StepUpService, SteppedUp};
