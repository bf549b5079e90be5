//! The demo on axum: the Challenges API at `/v1` and the pages of `demo-app` at all other paths.

#![forbid(unsafe_code)]

mod serve;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    demo_app::run(serve::serve).await
}
