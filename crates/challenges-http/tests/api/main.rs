//! Tests of the API through `Api::respond`: operations, statuses and security properties.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod answers;
mod bodies;
mod browsers;
mod emails;
mod factors;
mod faults;
mod host;
mod hostile;
mod logs;
mod messages;
mod openapi;
mod operations;
mod purpose;
mod reach;
mod recovery;
mod replacement;
mod secrecy;
mod trusted_devices;
mod uniformity;
mod webauthn;
