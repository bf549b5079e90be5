#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod bound;
mod expiry;
mod owners;
mod partition;
mod store;

pub use store::MemoryStore;
