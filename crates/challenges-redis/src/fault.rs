use challenges_core::store::StoreError;
use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::value::Corruption;

/// The consequence of a Redis error for the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Not executed, and a retry will not help.
    Refused,
    /// Not executed, but a retry may succeed.
    Transient,
    /// Not executed: the server is no longer a primary.
    Demoted,
    /// Not executed: another node accepts this command after `ASKING`.
    Ask,
    /// Not executed: the server does not know the script.
    UnknownScript,
    /// Not executed: the server is out of memory.
    Full,
    /// The key holds a value of a foreign type.
    Foreign,
    /// Not executed: the records of the store are gone.
    Emptied,
    /// Not executed: the records of the store are there, but some entries of an index are gone.
    Incomplete,
    /// Possibly executed.
    Lost,
}

/// A failed call.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error(
        "Redis did not execute the command; check that the server is up, and that the user may run the commands of the store"
    )]
    NotExecuted(#[source] RedisError),
    #[error("Redis reached maxmemory; purge expired records, or raise maxmemory")]
    Full(#[source] RedisError),
    #[error("the reply from Redis was lost")]
    Lost(#[source] RedisError),
    #[error("Redis did not reply within RedisOptions::timeout")]
    TimedOut,
    #[error("the commit was executed, but WAIT failed, so replication is unknown")]
    Unconfirmed(#[source] RedisError),
    #[error("only {0} replicas acknowledged the commit")]
    NotReplicated(i64),
    #[error("a key under the prefix of the store holds a value of another type; use another RedisOptions::prefix")]
    Foreign(#[source] RedisError),
    #[error(
        "Redis no longer holds the records of this store: the server was emptied, or lost its volume; stop all processes of \
         the service, restore a backup, and start them again (in an empty store nobody has a factor)"
    )]
    Emptied,
    #[error(
        "Redis no longer holds the records of this store in full: a key was deleted or evicted; stop all processes of the \
         service, set maxmemory-policy noeviction, restore a backup, and start them again (without the key, users seem to have \
         no factor)"
    )]
    Incomplete(#[source] RedisError),
    #[error(transparent)]
    Corrupt(#[from] Corruption),
}

impl Fault {
    /// Converts the error of a command that is not retried.
    pub(crate) fn from_redis(error: RedisError) -> Self {
        match meaning(&error) {
            Meaning::Full => Self::Full(error),
            Meaning::Foreign => Self::Foreign(error),
            Meaning::Emptied => Self::Emptied,
            Meaning::Incomplete => Self::Incomplete(error),
            Meaning::Lost => Self::Lost(error),
            _ => Self::NotExecuted(error),
        }
    }

    /// Converts to the store error of a read.
    pub(crate) fn into_read_error(self) -> StoreError {
        match self {
            Self::Full(_) => StoreError::Full(Some(Box::new(self))),
            Self::Foreign(_) | Self::Corrupt(_) => StoreError::Corrupt(Box::new(self)),
            _ => StoreError::Unavailable(Box::new(self)),
        }
    }

    /// Converts to the store error of a commit.
    pub(crate) fn into_commit_error(self) -> StoreError {
        match self {
            // A corrupt reply did not come from the script, so its effect is unknown.
            Self::Lost(_) | Self::TimedOut | Self::Unconfirmed(_) | Self::NotReplicated(_) | Self::Corrupt(_) => {
                StoreError::OutcomeUnknown(Box::new(self))
            }
            _ => self.into_read_error(),
        }
    }
}

pub(crate) fn meaning(error: &RedisError) -> Meaning {
    let says = |text: &str| error.detail().is_some_and(|detail| detail.contains(text));
    match error.kind() {
        // Before Redis 7.0, an error within a script is wrapped in the error of the script.
        _ if error.code() == Some("OOM") || says("OOM command not allowed") => Meaning::Full,
        _ if error.code() == Some("WRONGTYPE") || says("WRONGTYPE") => Meaning::Foreign,
        _ if error.code() == Some("EMPTIED") || says("EMPTIED") => Meaning::Emptied,
        _ if error.code() == Some("INCOMPLETE") || says("INCOMPLETE") => Meaning::Incomplete,
        ErrorKind::Server(kind) => match kind {
            ServerErrorKind::NoScript => Meaning::UnknownScript,
            ServerErrorKind::Ask => Meaning::Ask,
            ServerErrorKind::ReadOnly => Meaning::Demoted,
            ServerErrorKind::Moved
            | ServerErrorKind::TryAgain
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::MasterDown
            | ServerErrorKind::BusyLoading => Meaning::Transient,
            _ => Meaning::Refused,
        },
        ErrorKind::ClusterConnectionNotFound => Meaning::Transient,
        ErrorKind::Extension if error.code() == Some("BUSY") => Meaning::Transient,
        ErrorKind::Extension if error.code() == Some("UNBLOCKED") => Meaning::Lost,
        ErrorKind::Extension
        | ErrorKind::AuthenticationFailed
        | ErrorKind::InvalidClientConfig
        | ErrorKind::Client
        | ErrorKind::MasterNameNotFoundBySentinel
        | ErrorKind::EmptySentinelList
        | ErrorKind::RESP3NotSupported => Meaning::Refused,
        _ => Meaning::Lost,
    }
}

#[cfg(test)]
mod tests;
