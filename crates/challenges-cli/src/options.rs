use std::path::PathBuf;

use clap::Args;

/// The options of every command.
#[derive(Args, Debug)]
pub(crate) struct Common {
    /// The store to work on
    #[arg(long, global = true, value_name = "STORE", env = "CHALLENGES_STORE", hide_env_values = true)]
    pub(crate) store: Option<String>,
    /// The file with the key ring
    #[arg(long, global = true, value_name = "PATH", env = "CHALLENGES_KEY_FILE", hide_env_values = true)]
    pub(crate) key_file: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}
