#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), forbid(clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
#![cfg_attr(not(test), forbid(clippy::todo, clippy::unimplemented, clippy::unwrap_used))]

mod checkpoint;
mod connection;
mod error;
mod fault;
mod number;
mod options;
mod place;
mod read;
mod readers;
mod row;
mod schema;
mod slice;
mod statistics;
mod store;
mod write;
mod writer;

pub use error::OpenError;
pub use options::{SqliteOptions, Synchronous};
pub use schema::Drift;
pub use statistics::Statistics;
pub use store::SqliteStore;
