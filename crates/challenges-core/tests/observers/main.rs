//! Tests of the observers for `tracing` and `metrics`, with the events of a service.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod answers;
mod capture;
mod reasons;
