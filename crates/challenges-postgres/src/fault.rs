use std::error::Error;
use std::sync::Arc;

use challenges_core::store::StoreError;

use crate::driver::{Failure, ServerError};
use crate::row::Corruption;

type Source = Box<dyn Error + Send + Sync>;

/// The effect of an error response on a statement outside a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Rolled back, and a retry will not help.
    Refused,
    /// Rolled back, but a retry may succeed.
    Transient,
    /// Not executed: the server is a standby or read-only. Another connection may lead to the primary.
    ReadOnly,
    /// Rolled back: the server is out of disk space or memory.
    Full,
    /// Possibly executed.
    Unknown,
}

/// Returns the meaning of an error response.
///
/// An error response rolls the statement back, unless the session ended: a server that shuts down while a commit waits
/// for a synchronous standby ends the session after the commit.
pub(crate) fn meaning(error: &ServerError) -> Meaning {
    let code = error.code.as_str();
    match code {
        // serialization_failure, deadlock_detected
        "40001" | "40P01" => Meaning::Transient,
        // lock_not_available: the statement has waited for lock_timeout already
        "55P03" => Meaning::Refused,
        // read_only_sql_transaction
        "25006" => Meaning::ReadOnly,
        // cannot_connect_now: only ever the answer to a connection attempt
        "57P03" => Meaning::Transient,
        // statement_completion_unknown
        "40003" => Meaning::Unknown,
        _ if error.ends_session => Meaning::Unknown,
        // disk_full, out_of_memory, and insufficient_resources in general
        "53100" | "53200" | "53000" => Meaning::Full,
        _ => match code.get(..2) {
            // connection_exception, system_error, internal_error, and a missing code
            Some("08" | "58" | "XX") | None => Meaning::Unknown,
            Some(_) => Meaning::Refused,
        },
    }
}

impl Failure {
    /// Returns true if the connection must not be used again.
    pub(crate) fn spoils_connection(&self) -> bool {
        match self {
            Self::NoConnection(_) | Self::Lost(_) | Self::TimedOut | Self::Reply(_) => true,
            Self::Server(error) => error.ends_session || matches!(meaning(error), Meaning::ReadOnly | Meaning::Unknown),
        }
    }
}

/// A failed call.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("no connection to PostgreSQL")]
    NoConnection(#[source] Source),
    #[error("PostgreSQL rolled the statement back")]
    NotApplied(#[source] Source),
    #[error("PostgreSQL is out of disk space or memory; purge expired records, or add space")]
    Full(#[source] Source),
    #[error("the server is a standby or read-only; check target_session_attrs of the URL")]
    ReadOnly(#[source] Source),
    #[error(
        "the session or role may not call the functions of the store, or the functions are missing; run \
         PostgresStore::verify, and restore a backup if the schema was dropped"
    )]
    Refused(#[source] Source),
    #[error(
        "PostgreSQL no longer holds the records of this store: the tables were emptied, or the schema was created again; stop \
         all processes of the service, restore a backup, and start them again (in an empty store nobody has a factor)"
    )]
    Emptied(#[source] Source),
    #[error("the pooler sends statements to another session; set PostgresOptions::statements(Statements::Unprepared)")]
    Pooler(#[source] Source),
    #[error("the default isolation level must be READ COMMITTED; change the role or the options of the pool")]
    Isolation(#[source] Source),
    #[error("the reply from PostgreSQL was lost")]
    Lost(#[source] Source),
    #[error("PostgreSQL did not reply within PostgresOptions::timeout")]
    TimedOut,
    #[error("the reply from PostgreSQL cannot be read")]
    Reply(#[source] Source),
    #[error("too many commits wait; retry later, or add connections")]
    Overloaded,
    #[error("the task that commits has ended; keep the runtime of the store alive")]
    Ended,
    #[error(transparent)]
    Corrupt(#[from] Corruption),
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        let error = match failure {
            Failure::NoConnection(source) => return Self::NoConnection(source),
            Failure::Lost(source) => return Self::Lost(source),
            Failure::TimedOut => return Self::TimedOut,
            Failure::Reply(source) => return Self::Reply(source),
            Failure::Server(error) => error,
        };
        let meaning = meaning(&error);
        let ServerError { code, source, .. } = error;
        match meaning {
            Meaning::Unknown => Self::Lost(source),
            Meaning::Transient => Self::NotApplied(source),
            Meaning::ReadOnly => Self::ReadOnly(source),
            Meaning::Full => Self::Full(source),
            Meaning::Refused => match code.as_str() {
                // invalid_sql_statement_name and duplicate_prepared_statement
                "26000" | "42P05" => Self::Pooler(source),
                "25000" => Self::Isolation(source),
                "CH001" => Self::Emptied(source),
                "42501" | "42883" | "3F000" | "42P01" => Self::Refused(source),
                _ => Self::NotApplied(source),
            },
        }
    }
}

impl Fault {
    /// Converts to the store error of a read.
    pub(crate) fn into_read_error(self) -> StoreError {
        match self {
            Self::Full(_) => StoreError::Full(Some(Box::new(self))),
            Self::Corrupt(_) => StoreError::Corrupt(Box::new(self)),
            _ => StoreError::Unavailable(Box::new(self)),
        }
    }

    /// Converts to the store error of a commit, for each batch of the call.
    pub(crate) fn commit_error(self: &Arc<Self>) -> StoreError {
        let source = Box::new(Arc::clone(self));
        match **self {
            // A corrupt reply did not come from the function, so its effect is unknown.
            Self::Lost(_) | Self::TimedOut | Self::Reply(_) | Self::Ended | Self::Corrupt(_) => {
                StoreError::OutcomeUnknown(source)
            }
            Self::Full(_) => StoreError::Full(Some(source)),
            Self::NoConnection(_)
            | Self::NotApplied(_)
            | Self::ReadOnly(_)
            | Self::Refused(_)
            | Self::Emptied(_)
            | Self::Pooler(_)
            | Self::Isolation(_)
            | Self::Overloaded => StoreError::Unavailable(source),
        }
    }
}

#[cfg(test)]
mod tests;
