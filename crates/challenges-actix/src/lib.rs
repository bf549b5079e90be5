#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), forbid(clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
#![cfg_attr(not(test), forbid(clippy::todo, clippy::unimplemented, clippy::unwrap_used))]

mod body;
mod convert;
mod error;
#[cfg(feature = "pages")]
mod fresh_login;
mod header;
#[cfg(feature = "pages")]
mod pages;
mod service;
mod signed_in;
mod step_up;

pub use challenges_http::{GrantError, InvalidStepUpPath, StepUpCookie, StepUpGate};
pub use error::Error;
#[cfg(feature = "pages")]
pub use fresh_login::{FreshLogin, into_response};
pub use header::{Header, with_headers};
#[cfg(feature = "pages")]
pub use pages::pages;
pub use service::service;
pub use signed_in::SignedIn;
#[cfg(feature = "actix-identity")]
pub use signed_in::actix_identity::ActixIdentity;
#[cfg(feature = "actix-session")]
pub use signed_in::actix_session::ActixSession;
pub use step_up::{StepUpMiddleware, StepUpService, SteppedUp};
