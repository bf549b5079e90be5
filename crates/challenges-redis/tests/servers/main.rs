//! The store on real Redis servers and clusters: lost replies, crashes, failovers, racing processes, unsafe servers.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod addresses;
mod crash;
mod emptied;
mod failover;
mod forgery;
mod health;
mod indices;
mod memory;
mod migration;
mod processes;
mod replies;
mod round_trips;
mod service;
mod silence;
#[cfg(feature = "tls")]
mod tls;
