//! Outbound requests over real TLS connections to local servers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod actions;
mod addresses;
mod browser;
mod certificates;
mod email;
mod host;
mod limits;
#[cfg(feature = "smtp")]
mod mail_server;
mod notices;
mod push;
mod server;
mod sms;
mod statuses;
mod texts;
mod urls;
