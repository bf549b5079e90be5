//! The demo on axum: the Challenges API at `/v1`, and the pages of `demo-app` everywhere else.

#![forbid(unsafe_code)]

mod serve;
mod stop;

use std::process::ExitCode;

use demo_app::{Flags, chain};
use tracing_subscriber::filter::LevelFilter as Level;

#[tokio::main]
async fn main() -> ExitCode {
    let flags = match Flags::read(std::env::args_os()) {
        Ok(flags) => flags,
        Err(help) if !help.use_stderr() => {
            print!("{help}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            // What follows the first line repeats how flags are used, which --help tells better.
            eprintln!("{}; see --help", error.to_string().lines().next().unwrap_or("error: bad usage"));
            return ExitCode::FAILURE;
        }
    };
    // What a caller is not told stands in the log. RUST_LOG is a level, from error to trace.
    let level = std::env::var("RUST_LOG").ok().and_then(|level| level.parse().ok()).unwrap_or(Level::WARN);
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_ansi(false).init();
    match serve::serve(&flags).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", chain(&error));
            ExitCode::FAILURE
        }
    }
}
