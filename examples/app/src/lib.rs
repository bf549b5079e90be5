//! What the demos have in common, whichever web framework serves them: flags, key file, store, sessions, pages, scripts
//! and style.
//!
//! A demo binds its socket, calls [`Demo::start`], mounts [`Demo::api`] at `/v1`, hands every other request to
//! [`Site::respond`], and runs [`Demo::sweep`] beside it.

#![forbid(unsafe_code)]

mod asset;
mod demo;
mod error;
mod flags;
mod key_file;
mod page;
mod problem;
mod public_url;
mod same_origin;
mod session;
mod site;
mod store_choice;
mod token;

pub use demo::Demo;
pub use error::{StartError, chain};
pub use flags::Flags;
pub use public_url::PublicUrl;
pub use site::Site;
pub use store_choice::StoreChoice;
pub use token::Token;

/// The code of the project's README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
