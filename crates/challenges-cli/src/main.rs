//! The command `challenges`; see the documentation of the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    challenges_cli::run()
}
