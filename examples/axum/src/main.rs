//! The demo on axum: the Challenges API at `/v1`, and the pages of `demo-app` everywhere else.

#![forbid(unsafe_code)]

mod serve;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    demo_app::run(serve::serve).await
}
