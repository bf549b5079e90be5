//! Tests of the login flow and of the second-factor page.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod browser;
mod cookies;
mod factor;
mod flow;
mod hostile;
mod routes;
mod settings;
mod step_up;

#[path = "../shared/pseudo.rs"]
mod pseudo;
