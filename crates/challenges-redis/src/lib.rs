#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), forbid(clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
#![cfg_attr(not(test), forbid(clippy::todo, clippy::unimplemented, clippy::unwrap_used))]

mod address;
mod client;
mod due;
mod error;
mod fault;
mod finding;
mod health;
mod layout;
mod link;
mod marks;
mod options;
mod pages;
mod read;
mod reply;
mod script;
mod store;
mod value;
mod write;

pub use error::{AddressError, OpenError};
pub use finding::{Finding, Findings, ServerCheck};
pub use options::{RedisOptions, Wait};
pub use store::RedisStore;
