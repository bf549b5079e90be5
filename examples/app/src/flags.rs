use std::error::Error as _;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser;
use clap::error::{ContextKind, ErrorKind};

use crate::public_url::PublicUrl;
use crate::store_choice::StoreChoice;
use crate::token::Token;

/// A small web application with multi-factor challenges: authenticator apps, passkeys, step-up, approval links.
///
/// It has no passwords: whoever names a user is that user. Do not put it on a public address. The Challenges API is
/// served under /v1. Each flag can be given as the environment variable shown with it; the flag wins.
#[derive(Clone, Debug, Parser)]
#[non_exhaustive]
pub struct Flags {
    /// Address to listen on; port 0 picks a free one
    #[arg(long, env = "CHALLENGES_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: String,

    /// Where challenges and enrollments are kept: sqlite:PATH, memory (gone when the demo stops), redis://HOST:PORT,
    /// or redis+cluster://HOST:PORT,HOST:PORT
    ///
    /// Also rediss://, rediss+cluster:// (with TLS), unix:///PATH and redis+sentinel://HOST:PORT,HOST:PORT/NAME. A
    /// user and password stand before the hosts: redis://USER:PASSWORD@HOST.
    #[arg(
        long,
        env = "CHALLENGES_STORE",
        value_name = "STORE",
        default_value = "sqlite:challenges.db",
        hide_env_values = true
    )]
    pub store: StoreChoice,

    /// Base of links and WebAuthn origin, as browsers reach the demo [default: http://localhost:PORT]
    #[arg(long, env = "CHALLENGES_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<PublicUrl>,

    /// Bearer token that /v1 accepts, for every user [default: a new one, printed at start]
    #[arg(long, env = "CHALLENGES_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub token: Option<Token>,

    /// File of the keys that protect what is stored; created, for its owner's eyes only, when missing
    ///
    /// Keep it: without it what is stored cannot be used.
    #[arg(long, env = "CHALLENGES_KEY_FILE", value_name = "PATH", default_value = "challenges.key")]
    pub key_file: PathBuf,

    /// Where text messages are handed in: a URL that takes {"to", "text", "id"} as JSON [default: none are sent]
    #[arg(long, env = "CHALLENGES_SMS_GATEWAY", value_name = "URL", hide_env_values = true)]
    pub sms_gateway: Option<String>,

    /// File of the key by which push services know the demo; created, for its owner's eyes only, when missing
    #[arg(long, env = "CHALLENGES_VAPID_FILE", value_name = "PATH", default_value = "challenges.vapid")]
    pub vapid_file: PathBuf,

    /// Make the links of one-time-use actions lead to a page that asks, since scanners of mail open every link
    #[arg(long, env = "CHALLENGES_CONFIRM_ACTIONS", value_parser = clap::builder::FalseyValueParser::new())]
    pub confirm_actions: bool,

    /// Let messages and actions reach private and loopback addresses, any port, and http
    #[arg(long, env = "CHALLENGES_ALLOW_PRIVATE_NETWORK", value_parser = clap::builder::FalseyValueParser::new())]
    pub allow_private_network: bool,
}

impl Flags {
    /// The flags of a command line, the program's name first, and of the environment.
    ///
    /// # Errors
    ///
    /// What is wrong with them, or the help text where that was asked for: see [`clap::Error::use_stderr`].
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        Self::try_parse_from(arguments)
    }

    /// What is wrong with them, in one line. A value that is refused may be a secret that somebody mistyped, and what is
    /// printed may be kept in a log: so it is not repeated.
    pub(crate) fn complaint(error: &clap::Error) -> String {
        let refused = (error.kind(), error.get(ContextKind::InvalidArg), error.source());
        if let (ErrorKind::ValueValidation, Some(flag), Some(source)) = refused {
            return format!("error: invalid value for '{flag}': {source}; see --help");
        }
        // What follows the first line repeats how flags are used, which --help tells better.
        let text = error.to_string();
        format!("{}; see --help", text.lines().next().unwrap_or("error: bad usage"))
    }
}

#[cfg(test)]
mod tests;
