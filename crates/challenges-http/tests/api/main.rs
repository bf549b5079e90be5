//! The API through `Api::respond`: every operation, every status, and what must never happen.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod answers;
mod bodies;
mod browsers;
mod faults;
mod host;
mod hostile;
mod messages;
mod openapi;
mod operations;
mod purpose;
mod reach;
mod replacement;
mod secrecy;
mod uniformity;
mod webauthn;
