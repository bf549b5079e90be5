//! Tests of the API in an actix-web application, over real connections.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod client_gone;
mod handlers;
mod mounting;
#[cfg(feature = "pages")]
mod pages;
mod server;
#[cfg(all(feature = "actix-identity", feature = "actix-session"))]
mod sessions;
mod step_up;
