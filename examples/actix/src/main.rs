//! The demo on actix-web: the Challenges API at `/v1` and the pages of `demo-app` at all other paths.

#![forbid(unsafe_code)]

mod pages;
mod serve;

use std::process::ExitCode;

#[actix_web::main]
async fn main() -> ExitCode {
    demo_app::run(serve::serve).await
}
