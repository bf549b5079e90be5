//! The clients of PostgreSQL: one module each, without any logic of the store.

use std::error::Error;

use async_trait::async_trait;
use tokio::time::Instant;

use crate::call::{Call, RawRecord};

#[cfg(feature = "tokio-postgres")]
pub(crate) mod deadpool;
#[cfg(feature = "sqlx")]
pub(crate) mod sqlx;

type Source = Box<dyn Error + Send + Sync>;

/// The reason why a driver returned no result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The statement was not sent.
    NoConnection(Source),
    /// The server returned an error.
    Server(ServerError),
    /// The statement may have been executed.
    Lost(Source),
    /// The deadline passed after the statement was sent, so the statement may have been executed.
    TimedOut,
    /// The reply has an unexpected shape.
    Reply(Source),
}

/// An error response of the server.
#[derive(Debug)]
pub(crate) struct ServerError {
    /// The SQLSTATE, five characters.
    pub(crate) code: String,
    /// True for the severities `FATAL` and `PANIC`, which end the session.
    pub(crate) ends_session: bool,
    pub(crate) source: Source,
}

/// A pool of connections.
///
/// A connection whose statement timed out, or whose server is read-only, is closed. Every other connection is reused.
#[async_trait]
pub(crate) trait Driver: Send + Sync {
    /// Runs a statement that returns records.
    async fn records(&self, call: &Call<'_>, deadline: Instant) -> Result<Vec<RawRecord>, Failure>;

    /// Runs a statement that returns rows of one `bigint`.
    async fn numbers(&self, call: &Call<'_>, deadline: Instant) -> Result<Vec<i64>, Failure>;

    /// Takes a connection, to run a statement later without waiting.
    async fn hold(&self, deadline: Instant) -> Result<Box<dyn Held>, Failure>;

    /// Runs statements without values, and returns the rows of text.
    async fn text(&self, sql: &str, deadline: Instant) -> Result<Vec<Vec<Option<String>>>, Failure>;

    /// Runs `first` in a transaction on a connection, `second` on another connection meanwhile, and rolls `first` back.
    ///
    /// Returns the rows of `second`.
    async fn beside(&self, first: &str, second: &str, deadline: Instant) -> Result<Vec<Vec<Option<String>>>, Failure>;

    /// Returns whether connections over the network may be unencrypted. Returns false if the driver cannot tell.
    fn may_be_plain(&self) -> bool;

    /// Returns false if the driver has no connection to listen on.
    fn can_listen(&self) -> bool;

    /// Listens on a channel until the connection is lost. Calls `woken` when the server has confirmed `LISTEN`, and for
    /// each notification.
    async fn listen(&self, channel: &str, woken: &(dyn Fn() + Send + Sync)) -> Failure;
}

/// A connection taken from a pool. Dropping the value gives the connection back.
#[async_trait]
pub(crate) trait Held: Send + Sync {
    /// Runs a statement that returns rows of one `bigint`.
    async fn numbers(self: Box<Self>, call: &Call<'_>, deadline: Instant) -> Result<Vec<i64>, Failure>;
}

/// Returns whether a host name or address is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
