//! Tests of the account and answer pages, and of their JSON form.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod addresses;
mod answer;
mod browsers;
mod devices;
mod grants;
mod host;
mod openapi;
mod overview;
mod passkeys;
mod recovery_codes;
mod strangers;
mod totp;

#[path = "../shared/pseudo.rs"]
mod pseudo;
