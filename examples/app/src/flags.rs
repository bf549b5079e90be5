use std::error::Error as _;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser;
use clap::error::{ContextKind, ErrorKind};

use crate::public_url::PublicUrl;
use crate::store_choice::StoreChoice;
use crate::token::Token;

/// A bank with passwords and a second factor: authenticator apps, passkeys, messages, step-up before a transfer.
///
/// Anybody can sign up, and the first user works for support. Messages are printed, with their secrets. Do not expose
/// the demo on a public address. The Challenges API is served under /v1. Each flag can also be set by its environment
/// variable. The flag takes precedence.
#[derive(Clone, Debug, Parser)]
#[non_exhaustive]
pub struct Flags {
    /// Address to listen on; port 0 picks a free one
    #[arg(long, env = "CHALLENGES_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: String,

    /// Store of challenges and enrollments: sqlite:PATH, memory (lost when the demo stops),
    /// postgres://HOST:PORT/DATABASE, redis://HOST:PORT, or redis+cluster://HOST:PORT,HOST:PORT
    ///
    /// Also rediss:// and rediss+cluster:// (with TLS), unix:///PATH and redis+sentinel://HOST:PORT,HOST:PORT/NAME. Put
    /// a user and password before the hosts: redis://USER:PASSWORD@HOST.
    #[arg(
        long,
        env = "CHALLENGES_STORE",
        value_name = "STORE",
        default_value = "sqlite:challenges.db",
        hide_env_values = true
    )]
    pub store: StoreChoice,

    /// SQLite file of the users and the hashes of their passwords; not used with the store `memory`
    #[arg(long, env = "CHALLENGES_USERS", value_name = "PATH", default_value = "users.db")]
    pub users: PathBuf,

    /// Public URL of the demo, for links and the WebAuthn origin [default: http://localhost:PORT]
    ///
    /// A path applies to links to /v1 only; the pages stay at the root of the host.
    #[arg(long, env = "CHALLENGES_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<PublicUrl>,

    /// Bearer token of /v1, for every user [default: a random token, printed at start]
    #[arg(long, env = "CHALLENGES_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub token: Option<Token>,

    /// File of the keys that encrypt the store; created with mode 0600 if missing
    ///
    /// Keep this file: the store is useless without it.
    #[arg(long, env = "CHALLENGES_KEY_FILE", value_name = "PATH", default_value = "challenges.key")]
    pub key_file: PathBuf,

    /// Refuse to start on an empty store; set this from the second start on
    ///
    /// In an empty store nobody has a factor, for example after a wrong path.
    #[arg(long, env = "CHALLENGES_EXPECT_EXISTING", value_parser = clap::builder::FalseyValueParser::new())]
    pub expect_existing: bool,

    /// URL of the SMS gateway, which takes {"to", "text", "id"} as JSON [default: print text messages]
    #[arg(long, env = "CHALLENGES_SMS_GATEWAY", value_name = "URL", hide_env_values = true)]
    pub sms_gateway: Option<String>,

    /// File of the VAPID key of web push; created with mode 0600 if missing
    #[arg(long, env = "CHALLENGES_VAPID_FILE", value_name = "PATH", default_value = "challenges.vapid")]
    pub vapid_file: PathBuf,

    /// Ask on a page before a link decides a one-time-use action, since mail scanners open every link
    #[arg(long, env = "CHALLENGES_CONFIRM_ACTIONS", value_parser = clap::builder::FalseyValueParser::new())]
    pub confirm_actions: bool,

    /// Allow messages and actions to private and loopback addresses, any port, and http
    #[arg(long, env = "CHALLENGES_ALLOW_PRIVATE_NETWORK", value_parser = clap::builder::FalseyValueParser::new())]
    pub allow_private_network: bool,
}

impl Flags {
    /// Parses the command line, with the program's name first, and the environment.
    ///
    /// # Errors
    ///
    /// Returns the parse error, or the help text if requested (see [`clap::Error::use_stderr`]).
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        Self::try_parse_from(arguments)
    }

    /// Formats a parse error in one line, without the invalid value: the value may be a mistyped secret and the line
    /// may end up in a log.
    pub(crate) fn complaint(error: &clap::Error) -> String {
        let refused = (error.kind(), error.get(ContextKind::InvalidArg), error.source());
        if let (ErrorKind::ValueValidation, Some(flag), Some(source)) = refused {
            return format!("error: invalid value for '{flag}': {source}; see --help");
        }
        // The other lines are a usage summary, which --help shows in full.
        let text = error.to_string();
        format!("{}; see --help", text.lines().next().unwrap_or("error: bad usage"))
    }
}

#[cfg(test)]
mod tests;
