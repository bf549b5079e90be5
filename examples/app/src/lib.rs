//! Shared code of the demos, independent of the web framework: flags, key file, store, sessions, pages, scripts and
//! styles.
//!
//! The `main` of a demo calls [`run`] with a function that mounts [`Demo::api`] at `/v1` and passes all other requests
//! to [`Site::respond`].

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
pub use program::{HEAD_TIMEOUT, MAX_BODY, REQUEST_TIMEOUT, Stop, run};
pub use public_url::PublicUrl;
pub use site::Site;
pub use store_choice::{ServerUrl, StoreChoice};
pub use token::Token;
