use std::error::Error as _;
use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

use challenges_core::Invalid;
use challenges_core::store::{CopyError, StoreError};
use serde_json::{Value, json};

use crate::report::Exit;

/// The error of a command, with advice for the operator. No message shows a URL or a key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("no store is named; pass --store sqlite:PATH, --store postgres or --store redis, or set CHALLENGES_STORE")]
    NoStore,
    #[error("the store must be sqlite:PATH, postgres[:VARIABLE][/SCHEMA] or redis[:VARIABLE][/PREFIX]")]
    Location,
    #[error(
        "the store is given as a URL, and other users of this machine can see passwords on a command line; put the URL into \
         CHALLENGES_POSTGRES_URL or CHALLENGES_REDIS_URL, and pass --store postgres or --store redis"
    )]
    Url,
    #[error("the environment variable {0} is not set; set it to the URL of the server")]
    NoUrl(String),
    #[error("this program was built without {0}; install it with `cargo install challenges-cli --features {0}`")]
    NotBuilt(&'static str),
    #[error("--from and --to name the same store; name two different stores")]
    SameStore,
    #[error("there is no store at {0}; check the path")]
    NoFile(String),
    #[error("the schema has version {found}, but this release needs {needed}; run `challenges schema migrate`")]
    NotMigrated { found: i64, needed: i64 },
    #[cfg(feature = "sqlite")]
    #[error("the store cannot be opened")]
    Sqlite(#[source] challenges_sqlite::OpenError),
    #[cfg(feature = "postgres")]
    #[error("the store cannot be opened")]
    Postgres(#[source] challenges_postgres::OpenError),
    #[cfg(feature = "redis")]
    #[error("the store cannot be opened")]
    Redis(#[source] challenges_redis::OpenError),
    #[error("the keys are not available; name the file with --key-file, or set CHALLENGES_KEYS")]
    Keys(#[source] io::Error),
    #[error("there is no key file {}; check the path, or create the file with `challenges keys new`", .0.display())]
    NoKeyFile(PathBuf),
    #[error("keys are changed in a file; name it with --key-file, or change the text in your own store of secrets")]
    NeedsKeyFile,
    #[error("the key file {} cannot be written; it is unchanged", path.display())]
    KeyFile { path: PathBuf, source: io::Error },
    #[error("the key ring has no key with this id; see `challenges keys list`")]
    NoKey,
    #[error("the key is active; activate another key first")]
    ActiveKey,
    #[error("the key is retired, so it may have leaked; create another with `challenges keys new`, and activate that")]
    RetiredKey,
    #[error("the store still needs the key; run `challenges keys reseal` until nothing is left, then remove the key")]
    KeyInUse(#[source] challenges_core::Error),
    #[error("{0}")]
    Invalid(#[from] Invalid),
    #[error("the store is empty: no service has started on it; check the path, address and database of the store")]
    Empty,
    #[error(transparent)]
    Core(challenges_core::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the copy is not complete")]
    Copy(#[source] CopyError),
    #[error("resealing stopped; {}", continuation(.next))]
    Reseal { next: Option<String>, source: challenges_core::Error },
    #[error("the reset stopped, and some factors may be left; run the command again")]
    Reset(#[source] challenges_core::Error),
    #[error("the file {} cannot be read", path.display())]
    Input { path: PathBuf, source: io::Error },
    #[error("not done, because this cannot be undone: confirm on a terminal, or pass --yes")]
    Unconfirmed,
    #[error("the program cannot start")]
    Runtime(#[source] io::Error),
}

impl Error {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NoStore
            | Self::Location
            | Self::Url
            | Self::NoUrl(_)
            | Self::NotBuilt(_)
            | Self::SameStore
            | Self::NeedsKeyFile
            | Self::ActiveKey
            | Self::RetiredKey
            | Self::Invalid(_)
            | Self::Core(challenges_core::Error::Invalid(_)) => Exit::Usage,
            Self::NoKey | Self::Core(challenges_core::Error::NotFound) => Exit::NotFound,
            Self::KeyInUse(_) | Self::Copy(CopyError::Unused | CopyError::Occupied(_) | CopyError::Differs(_)) => {
                Exit::Problem
            }
            Self::Unconfirmed => Exit::Unconfirmed,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Exit::Unavailable,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Exit::Unavailable,
            #[cfg(feature = "redis")]
            Self::Redis(_) => Exit::Unavailable,
            Self::NoFile(_)
            | Self::NotMigrated { .. }
            | Self::Keys(_)
            | Self::NoKeyFile(_)
            | Self::KeyFile { .. }
            | Self::Empty
            | Self::Core(_)
            | Self::Store(_)
            | Self::Copy(_)
            | Self::Reseal { .. }
            | Self::Reset(_)
            | Self::Input { .. }
            | Self::Runtime(_) => Exit::Unavailable,
        }
    }

    /// Returns the message with the causes.
    pub(crate) fn message(&self) -> String {
        let mut message = self.to_string();
        let mut source = self.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            if !message.ends_with(&text) {
                let _ = write!(message, ": {text}");
            }
            source = if is_about_url(cause) { None } else { cause.source() };
        }
        message
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut error = json!({ "kind": self.exit().as_str(), "message": self.message() });
        if let (Self::Reseal { next: Some(next), .. }, Some(fields)) = (self, error.as_object_mut()) {
            fields.insert("next".to_owned(), next.clone().into());
        }
        json!({ "error": error })
    }
}

/// Returns the advice for a walk that stopped.
fn continuation(next: &Option<String>) -> String {
    next.as_ref().map_or_else(|| "run the command again".to_owned(), |next| format!("continue with --after {next}"))
}

/// Returns whether the causes of an error may quote a part of the URL, such as the password.
fn is_about_url(error: &(dyn std::error::Error + 'static)) -> bool {
    #[cfg(feature = "postgres")]
    if matches!(error.downcast_ref(), Some(challenges_postgres::OpenError::Address(_))) {
        return true;
    }
    #[cfg(feature = "redis")]
    if matches!(error.downcast_ref(), Some(challenges_redis::AddressError::Malformed(_))) {
        return true;
    }
    let _ = error;
    false
}

impl From<challenges_core::Error> for Error {
    fn from(error: challenges_core::Error) -> Self {
        match error {
            challenges_core::Error::Empty => Self::Empty,
            other => Self::Core(other),
        }
    }
}
