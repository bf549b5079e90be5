//! Redis servers and clusters of a test's own, on free ports.
//!
//! A server ends with its value, and with the test's process in whichever way that ends. It needs `redis-server` and
//! `redis-cli`, of the Debian package `redis-server`.

mod cluster;
mod process;
mod server;

pub use cluster::RedisCluster;
pub use server::RedisServer;

use std::io;

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedisServerError {
    /// A program is not installed.
    #[error("{0} is missing; install the package redis-server (apt-get install redis-server)")]
    Missing(&'static str, #[source] io::Error),
    /// A process could not be started or read.
    #[error("a process of Redis could not be started or spoken to")]
    Process(#[from] io::Error),
    /// The server does not get ready.
    #[error("redis-server does not get ready; its log says:\n{0}")]
    NotReady(String),
    /// A command was refused.
    #[error("redis-cli {command}: {answer}")]
    Command {
        /// The command.
        command: String,
        /// What came back.
        answer: String,
    },
}
