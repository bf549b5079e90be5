//! Checks of this workspace, for its own tests. This crate is not published.
//!
//! | module | feature | contents |
//! |---|---|---|
//! | [`accounts`] | `processes` | changes accounts during a crash, and finds changes that are lost or half done |
//! | [`differential`] | `differential` | runs random sequences of operations on several stores and compares every reply and record |
//! | [`explore`] | | runs a few tasks in every order of their store calls, with every fault up to a bound |
//! | [`ledger`] | `processes` | writes to a store under load, and finds lost and repeated writes |
//! | [`postgres`] | `postgres-server` | starts PostgreSQL servers, standbys and poolers for a test |
//! | [`race`] | `processes` | processes that write at the same time, for every store that several processes share |
//! | [`redis`] | `redis-server` | starts Redis servers, sentinels and clusters for a test |
//! | [`servers`] | `postgres-server` or `redis-server` | crashes and a proxy, for every store on a server |
#![forbid(unsafe_code)]

#[cfg(feature = "processes")]
pub mod accounts;
#[cfg(feature = "differential")]
pub mod differential;
pub mod explore;
#[cfg(feature = "processes")]
pub mod ledger;
#[cfg(feature = "postgres-server")]
pub mod postgres;
#[cfg(feature = "processes")]
pub mod race;
#[cfg(feature = "redis-server")]
pub mod redis;
#[cfg(any(feature = "postgres-server", feature = "redis-server"))]
pub mod servers;
