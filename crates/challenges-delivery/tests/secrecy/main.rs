//! R26: No log contains a secret, at any level, of any dependency, in any flow.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[allow(dead_code)]
#[path = "../outbound/browser.rs"]
mod browser;
mod canaries;
#[allow(dead_code)]
#[path = "../outbound/certificates.rs"]
mod certificates;
mod flows;
#[allow(dead_code)]
#[path = "../outbound/host.rs"]
mod host;
mod log_capture;
mod outcomes;
#[allow(dead_code)]
#[path = "../outbound/server.rs"]
mod server;
mod service;
