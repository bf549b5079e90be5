use std::error::Error;

use crate::driver::Failure;
use crate::fault::Fault;
use crate::health::Findings;
use crate::schema::Drift;

type Source = Box<dyn Error + Send + Sync>;

/// An error from opening a store, with advice for the operator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL is invalid.
    #[error(
        "the PostgreSQL URL is invalid; expected postgres://[USER[:PASSWORD]@]HOST[:PORT][,...]/DATABASE, with special \
         characters in user and password percent-encoded"
    )]
    Address(#[source] Source),
    /// The certificates of the system cannot be read.
    #[error("the root certificates of the system cannot be read; install them, or use sslmode=disable on a socket")]
    Certificates(#[source] Source),
    /// The name of the schema is invalid.
    #[error(
        "the name of the schema must be 1 to 48 lower-case letters, digits and underscores, begin with a letter, and \
         not with pg_; see PostgresOptions::schema"
    )]
    SchemaName,
    /// The store is on a pool of deadpool-postgres from the host, which drops notifications.
    #[error(
        "a pool of deadpool-postgres cannot listen; open the store from a URL, or listen with a client of your own"
    )]
    CannotListen,
    /// No server is reachable, or the role may not log in.
    #[error(
        "no connection to PostgreSQL; check that the server runs, and check the host, database, role and password (in a URL, with special \
         characters percent-encoded)"
    )]
    Unreachable(#[source] Source),
    /// The schema is missing or of an earlier release, and [`PostgresOptions::migrate`] is off.
    ///
    /// [`PostgresOptions::migrate`]: crate::PostgresOptions::migrate
    #[error("the schema has version {found}, but this release needs {needed}; run the SQL of PostgresOptions::sql")]
    NotMigrated {
        /// The version found; 0 without a schema.
        found: i64,
        /// The version of this release.
        needed: i64,
    },
    /// The schema was written by a later release.
    #[error("the schema has version {found}, but this release supports {supported}; upgrade this crate")]
    NewerSchema {
        /// The version found.
        found: i64,
        /// The version of this release.
        supported: i64,
    },
    /// The role may not create the schema or its tables.
    #[error("this role may not create the schema; run the SQL of PostgresOptions::sql as its owner, and grant its use")]
    MayNotCreate(#[source] Source),
    /// The schema differs from the schema of this release.
    #[error("the schema differs from this release: {0:?}; run the SQL of PostgresOptions::sql again")]
    Drifted(Vec<Drift>),
    /// The server check refused the configuration; see [`ServerCheck`](crate::ServerCheck).
    #[error("PostgreSQL endangers records: {0}; see PostgresOptions::server_check")]
    Unsafe(Findings),
    /// Any other error from PostgreSQL.
    #[error("PostgreSQL returned an error")]
    Postgres(#[source] Source),
}

impl OpenError {
    pub(crate) fn of(failure: Failure) -> Self {
        match failure {
            Failure::NoConnection(source) => Self::Unreachable(source),
            Failure::Server(error) if error.code == "42501" => Self::MayNotCreate(error.source),
            Failure::Server(error) => Self::Postgres(error.source),
            other => Self::Postgres(Box::new(Fault::from(other))),
        }
    }
}
