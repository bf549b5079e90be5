//! PostgreSQL servers for a single test, on free ports and Unix sockets.
//!
//! A server stops on drop, and when the test process ends for any reason. PostgreSQL refuses to run as root, so root
//! starts the servers as the user `postgres`. The Debian packages `postgresql` and, for [`Pooler`], `pgbouncer` are
//! required.

mod pooler;
mod process;
mod server;

pub use pooler::Pooler;
pub use server::PostgresServer;

use std::io;

/// An error from starting or controlling a PostgreSQL server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresServerError {
    /// A program is not installed.
    #[error("{0} is missing; install the Debian packages postgresql and pgbouncer")]
    Missing(&'static str),
    /// A process could not be started, or its output could not be read.
    #[error("cannot start a PostgreSQL process or read its output")]
    Process(#[from] io::Error),
    /// The server did not become ready in time.
    #[error("PostgreSQL did not become ready; log:\n{0}")]
    NotReady(String),
    /// A program returned an error.
    #[error("{program}: {answer}")]
    Program {
        /// The program.
        program: &'static str,
        /// The output.
        answer: String,
    },
}
