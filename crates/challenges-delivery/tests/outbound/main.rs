//! What goes out, over real connections with TLS to servers on this machine, and what does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod actions;
mod addresses;
mod browser;
mod certificates;
mod host;
mod limits;
#[path = "../secrecy/log_capture.rs"]
mod log_capture;
mod push;
mod secrecy;
mod server;
mod sms;
mod statuses;
mod urls;
