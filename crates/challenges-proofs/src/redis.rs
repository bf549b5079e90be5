//! Redis servers and clusters for a single test, on free ports.
//!
//! A server stops on drop, and when the test process ends for any reason. The programs `redis-server` and `redis-cli`
//! are required (Debian package `redis-server`).

mod cluster;
mod process;
mod server;

pub use cluster::RedisCluster;
pub use server::RedisServer;

use std::io;

/// An error from starting or controlling a Redis server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedisServerError {
    /// A program is not installed.
    #[error("{0} is missing; install the package redis-server (apt-get install redis-server)")]
    Missing(&'static str, #[source] io::Error),
    /// A process could not be started, or its output could not be read.
    #[error("cannot start a Redis process or read its output")]
    Process(#[from] io::Error),
    /// The server did not become ready in time.
    #[error("redis-server did not become ready; log:\n{0}")]
    NotReady(String),
    /// A command returned an error.
    #[error("redis-cli {command}: {answer}")]
    Command {
        /// The command.
        command: String,
        /// The output.
        answer: String,
    },
}
