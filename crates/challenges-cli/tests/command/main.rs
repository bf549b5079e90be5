//! The program itself, run on stores that a service has used.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod copying;
mod doctor;
mod host;
mod import;
mod keys;
mod outbox;
mod reset;
mod schema;
#[cfg(all(feature = "postgres", feature = "redis"))]
mod servers;
mod usage;
mod user;
