//! The adapters for `tracing` and `metrics`, on what a service tells them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod answers;
mod capture;
