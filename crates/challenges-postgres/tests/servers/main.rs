//! The store on real PostgreSQL servers: lost replies, crashes, failovers, racing processes, unsafe servers, poolers.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod crash;
mod emptied;
mod failover;
mod groups;
mod health;
mod joined;
mod notifications;
mod pooler;
mod processes;
mod replies;
mod round_trips;
mod schema;
mod tls;
