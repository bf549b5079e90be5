use clap::{Parser, Subcommand};

use crate::import::Import;
use crate::keys::KeysCommand;
use crate::options::Common;
use crate::outbox::OutboxCommand;
use crate::schema::SchemaCommand;
use crate::user::UserCommand;

const AFTER: &str = "\
STORE is sqlite:PATH, postgres[:VARIABLE][/SCHEMA] or redis[:VARIABLE][/PREFIX]. VARIABLE is the environment variable with \
the URL of the server, by default CHALLENGES_POSTGRES_URL or CHALLENGES_REDIS_URL.

Without --key-file the key ring is read from the environment variable CHALLENGES_KEYS.

Exit codes: 0 done, 1 a check found a problem or work is left, 2 wrong usage, 3 store or keys unavailable, 4 not found, \
5 not confirmed.";

/// Administers the stores of services that use the challenges library.
#[derive(Debug, Parser)]
#[command(name = "challenges", version, after_help = AFTER)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check settings, schema, keys, clock, outbox, expired records and addresses
    Doctor {
        /// Read every record, instead of the first 10,000 of each kind
        #[arg(long)]
        all: bool,
    },
    /// Print, create or compare the schema of the database
    #[command(subcommand)]
    Schema(SchemaCommand),
    /// Copy all records of one store into another, and compare the two; stop the service first
    Copy {
        /// The store to read
        #[arg(long, value_name = "STORE")]
        from: String,
        /// The store to write, created if missing
        #[arg(long, value_name = "STORE")]
        to: String,
    },
    /// List and change keys, and seal records again
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Show, unlock, reset or erase a user
    #[command(subcommand)]
    User(UserCommand),
    /// Import TOTP seeds and WebAuthn credentials from another system
    Import(Import),
    /// List, retry or discard dead letters
    #[command(subcommand)]
    Outbox(OutboxCommand),
}
