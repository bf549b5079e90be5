//! The Redis store on servers and clusters of the tests' own: lost replies, crashes, failovers, many processes, and what
//! is wrong with a server.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod addresses;
mod crash;
mod failover;
mod health;
mod ledger;
mod memory;
mod migration;
mod processes;
mod proxy;
mod replies;
mod round_trips;
mod service;
mod silence;
#[cfg(feature = "tls")]
mod tls;
