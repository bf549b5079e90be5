//! The demo on actix-web: a bank with a login and the mounted pages, and the Challenges API at `/v1`.
//!
//! `login.rs`, `support.rs` and the users of `demo-app` are the part to copy.

#![forbid(unsafe_code)]

mod login;
mod serve;
mod support;
mod visit;

use std::process::ExitCode;

#[actix_web::main]
async fn main() -> ExitCode {
    demo_app::run(serve::serve).await
}
