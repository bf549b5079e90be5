//! The ceremonies of WebAuthn Level 3 (sections 7.1 and 7.2), called as `challenges-core` does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod algorithms;
mod attestation;
mod authentication_steps;
mod ceremony;
mod client_data;
mod configuration;
mod differential;
mod flags;
mod options;
mod registration_steps;
mod second_authenticator;
mod signatures;
mod stricter;
mod vectors;
