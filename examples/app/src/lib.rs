//! What the demos have in common, whichever web framework serves them: flags, key file, store, sessions, pages, scripts
//! and style.
//!
//! A demo's `main` is [`run`]. All that it adds is how its framework mounts [`Demo::api`] at `/v1` and hands every other
//! request to [`Site::respond`].

#![forbid(unsafe_code)]

mod action_tokens;
mod asset;
mod demo;
mod error;
mod flags;
mod key_file;
mod outbound;
mod page;
mod problem;
mod program;
mod public_url;
mod same_origin;
mod session;
mod site;
mod stop;
mod store_choice;
mod token;

pub use demo::Demo;
pub use error::{StartError, chain};
pub use flags::Flags;
pub use program::{MAX_BODY, Stop, run};
pub use public_url::PublicUrl;
pub use site::Site;
pub use store_choice::{RedisUrl, StoreChoice};
pub use token::Token;

/// The code of the project's README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
