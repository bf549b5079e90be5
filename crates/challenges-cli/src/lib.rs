#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
// Without the feature of a store, errors and arguments for the store are unused.
#![cfg_attr(not(all(feature = "sqlite", feature = "postgres", feature = "redis")), allow(dead_code, unused_variables))]

mod administration;
mod arguments;
mod confirmation;
mod copy;
mod doctor;
mod error;
mod import;
mod instant;
mod key_file;
mod key_source;
mod keys;
mod location;
mod options;
mod outbox;
mod report;
mod schema;
mod service;
mod store;
mod user;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::{Arguments, Command};
use crate::error::Error;
use crate::report::{Report, shown};

/// Runs the command with the arguments of the process, and returns the exit code.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let is_json = arguments.common.json;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Runtime);
    let result = runtime.and_then(|runtime| runtime.block_on(execute(arguments)));
    // A reader that went away, such as `head`, is no failure.
    match result {
        Ok(report) => {
            let _ = std::io::stdout().write_all(report.render(is_json).as_bytes());
            report.exit().into()
        }
        Err(error) if is_json => {
            let _ = writeln!(std::io::stdout(), "{}", error.to_json());
            error.exit().into()
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {}", shown(&error.message()));
            error.exit().into()
        }
    }
}

async fn execute(arguments: Arguments) -> Result<Report, Error> {
    let Arguments { common, command } = arguments;
    match command {
        Command::Doctor { all } => doctor::run(&common, all).await,
        Command::Schema(schema) => schema::run(&common, &schema).await,
        Command::Copy { from, to } => copy::run(&from, &to).await,
        Command::Keys(keys) => keys::run(&common, keys).await,
        Command::User(user) => user::run(&common, user).await,
        Command::Import(import) => import::run(&common, &import).await,
        Command::Outbox(outbox) => outbox::run(&common, outbox).await,
    }
}
