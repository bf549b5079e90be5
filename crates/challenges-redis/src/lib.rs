#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

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
