//! Shared code of the demos, independent of the web framework: flags, key file, store, messages, and the bank with users,
//! texts and design.
//!
//! The `main` of a demo calls [`run`] with a function that mounts [`Demo::api`] at `/v1`, and serves the pages of
//! [`Demo::bank`] at all other paths.

#![forbid(unsafe_code)]

mod action_tokens;
mod bank;
mod demo;
mod error;
mod flags;
mod headers;
mod key_file;
mod outbound;
mod printed;
mod program;
mod public_url;
mod same_origin;
mod stop;
mod store_choice;
mod token;

pub use bank::{ASSETS, Bank, Design, Order, Users};
pub use demo::Demo;
pub use error::{Failed, StartError, chain};
pub use flags::Flags;
pub use headers::HEADERS;
pub use program::{HEAD_TIMEOUT, MAX_BODY, REQUEST_TIMEOUT, Stop, run};
pub use public_url::PublicUrl;
pub use same_origin::{is_same_origin, own_path};
pub use store_choice::{ServerUrl, StoreChoice};
pub use token::Token;
