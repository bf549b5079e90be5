use challenges_core::store::StoreError;
use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::value::Corruption;

/// What an error of Redis says about the command that met it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It was not carried out, and will not be.
    Refused,
    /// It was not carried out, but soon may be.
    NotNow,
    /// It was not carried out: this server may not write any more.
    Demoted,
    /// It was not carried out: another server takes this one command.
    Ask,
    /// It was not carried out: the server does not know the script.
    UnknownScript,
    /// It was not carried out for want of memory.
    Full,
    /// The key holds something that is not ours.
    Foreign,
    /// It may or may not have been carried out.
    Lost,
}

/// Why a call has failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("Redis did not carry out the command")]
    NotDone(#[source] RedisError),
    #[error("Redis has no memory left under its maxmemory, and evicts nothing")]
    Full(#[source] RedisError),
    #[error("the answer of Redis was lost")]
    Lost(#[source] RedisError),
    #[error("Redis did not answer in time")]
    TimedOut,
    #[error("Redis carried out the commit, and does not tell which replicas have it")]
    Unconfirmed(#[source] RedisError),
    #[error("only {0} replicas have the commit")]
    NotReplicated(i64),
    #[error("a key of the store holds a value of another type")]
    Foreign(#[source] RedisError),
    #[error(transparent)]
    Corrupt(#[from] Corruption),
}

impl Fault {
    /// The error of a call that failed for good, or that there is no time left to try again.
    pub(crate) fn of(error: RedisError) -> Self {
        match meaning(&error) {
            Meaning::Full => Self::Full(error),
            Meaning::Foreign => Self::Foreign(error),
            Meaning::Lost => Self::Lost(error),
            _ => Self::NotDone(error),
        }
    }

    /// As the error of a call that changes nothing.
    pub(crate) fn of_read(self) -> StoreError {
        match self {
            Self::Full(_) => StoreError::Full(Some(Box::new(self))),
            Self::Foreign(_) | Self::Corrupt(_) => StoreError::Corrupt(Box::new(self)),
            _ => StoreError::Unavailable(Box::new(self)),
        }
    }

    /// As the error of a commit.
    pub(crate) fn of_commit(self) -> StoreError {
        match self {
            // What answered was not the script, so what it did cannot be known.
            Self::Lost(_) | Self::TimedOut | Self::Unconfirmed(_) | Self::NotReplicated(_) | Self::Corrupt(_) => {
                StoreError::OutcomeUnknown(Box::new(self))
            }
            _ => self.of_read(),
        }
    }
}

pub(crate) fn meaning(error: &RedisError) -> Meaning {
    let says = |text: &str| error.detail().is_some_and(|detail| detail.contains(text));
    match error.kind() {
        // Before 7.0, what a command within a script answers is told within the script's own error.
        _ if error.code() == Some("OOM") || says("OOM command not allowed") => Meaning::Full,
        _ if error.code() == Some("WRONGTYPE") || says("WRONGTYPE") => Meaning::Foreign,
        ErrorKind::Server(kind) => match kind {
            ServerErrorKind::NoScript => Meaning::UnknownScript,
            ServerErrorKind::Ask => Meaning::Ask,
            ServerErrorKind::ReadOnly => Meaning::Demoted,
            ServerErrorKind::Moved
            | ServerErrorKind::TryAgain
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::MasterDown
            | ServerErrorKind::BusyLoading => Meaning::NotNow,
            _ => Meaning::Refused,
        },
        ErrorKind::ClusterConnectionNotFound => Meaning::NotNow,
        ErrorKind::Extension if error.code() == Some("BUSY") => Meaning::NotNow,
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
