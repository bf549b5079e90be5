//! Server processes for a single test, and the checks that stores on a server share.
//!
//! | item | purpose |
//! |---|---|
//! | [`Server`] | a server that crashes and restarts: [`kill_loop`], [`answer_loop`], [`account_loop`] |
//! | [`Proxy`] | counts round trips and cuts connections |
//! | [`Port`] | a port that no other test takes |

mod crash;
mod port;
mod process;
mod proxy;

pub use crash::{Server, account_loop, answer_loop, kill_loop};
pub use port::Port;
pub use proxy::{Cut, Protocol, Proxy};

#[cfg(feature = "postgres-server")]
pub(crate) use process::is_root;
pub(crate) use process::{Process, command, program, run};

pub use crate::race::KEYS;

use std::io;

/// An error from starting or controlling a server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// A program is not installed.
    #[error("{0} is missing; install the Debian packages redis-server, postgresql and pgbouncer")]
    Missing(&'static str),
    /// A process could not be started, or its output could not be read.
    #[error("cannot start a server process or read its output")]
    Process(#[from] io::Error),
    /// The server ended, or did not become ready in time.
    #[error("the server did not become ready; log:\n{0}")]
    NotReady(String),
    /// A program returned an error.
    #[error("{program}: {answer}")]
    Program {
        /// The program, with the command sent.
        program: String,
        /// The output.
        answer: String,
    },
}

impl ServerError {
    /// Returns true if another process took the port between the check and the start.
    pub(crate) fn is_about_port(&self) -> bool {
        // The words of Redis, PostgreSQL and pgbouncer are those of the operating system.
        matches!(self, Self::NotReady(log) if log.contains("Address already in use"))
    }

    /// Returns true if processes of a killed PostgreSQL server still use its shared memory.
    #[cfg(feature = "postgres-server")]
    pub(crate) fn is_about_old_processes(&self) -> bool {
        matches!(self, Self::NotReady(log) if log.contains("pre-existing shared memory block"))
    }
}
