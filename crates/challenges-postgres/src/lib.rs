#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), forbid(clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
#![cfg_attr(not(test), forbid(clippy::todo, clippy::unimplemented, clippy::unwrap_used))]
// Without a driver nothing can open a store.
#![cfg_attr(not(any(feature = "sqlx", feature = "tokio-postgres")), allow(dead_code, unused_imports))]

mod call;
mod client;
#[cfg(feature = "tokio-postgres")]
mod connect;
mod driver;
mod error;
mod fault;
mod group;
mod health;
mod joined;
mod mark;
mod number;
mod options;
mod read;
mod row;
mod schema;
mod store;
mod write;

pub use error::OpenError;
pub use health::{Finding, Findings, ServerCheck};
#[cfg(feature = "tokio-postgres")]
pub use joined::DeadpoolTransaction;
#[cfg(feature = "sqlx")]
pub use joined::SqlxTransaction;
pub use options::{PostgresOptions, Statements};
pub use schema::Drift;
pub use store::PostgresStore;
