//! Tests of the API in an actix-web application, over real connections.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod client_gone;
mod mounting;
mod server;
mod step_up;
