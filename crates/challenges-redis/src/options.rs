use std::num::NonZeroU32;
use std::time::Duration;

use crate::finding::ServerCheck;
use crate::{OpenError, RedisStore};

/// Options for opening a [`RedisStore`]. The defaults are safe and suit most hosts.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// use challenges_redis::{RedisOptions, ServerCheck};
///
/// # async fn open() -> Result<(), challenges_redis::OpenError> {
/// let options = RedisOptions::new().prefix("shop").timeout(Duration::from_secs(2)).server_check(ServerCheck::Strict);
/// let store = options.open("redis://localhost").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RedisOptions {
    pub(crate) prefix: String,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) server_check: ServerCheck,
    pub(crate) wait: Option<Wait>,
    pub(crate) create_if_missing: bool,
}

/// Replica acknowledgement of commits, through the Redis command `WAIT`.
///
/// A failover to a replica that acknowledged a commit keeps the commit. `WAIT` narrows the window for lost commits, but
/// does not close it:
///
/// - A commit with too few acknowledgements is not undone. The store returns
///   [`StoreError::OutcomeUnknown`](challenges_core::store::StoreError::OutcomeUnknown); the service then finds the
///   commit on the primary and continues.
/// - To make a primary refuse commits without replicas, set `min-replicas-to-write` in Redis.
///
/// In a test on a single machine, killing a cluster primary under load lost none of about 1,000 acknowledged commits,
/// with or without `WAIT`. Over a network the last milliseconds of commits may be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the two arguments of the Redis command")]
pub struct Wait {
    /// The number of replicas that must acknowledge a commit.
    pub replicas: NonZeroU32,
    /// The time to wait for replicas. Keep this below [`RedisOptions::timeout`]; otherwise the call times out first.
    pub timeout: Duration,
}

impl RedisOptions {
    /// Returns the default options.
    #[must_use]
    pub fn new() -> Self {
        Self {
            prefix: "challenges".to_owned(),
            timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(2),
            server_check: ServerCheck::default(),
            wait: None,
            create_if_missing: true,
        }
    }

    /// Sets the prefix of all keys, so that several stores can share a server. Defaults to `challenges`.
    ///
    /// A prefix is 1 to 64 visible ASCII characters, without braces.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets the timeout of a call, including retries during restarts, failovers and slot migrations. Defaults to 5
    /// seconds; capped at a year.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the timeout of an attempt to connect to a server. Defaults to 2 seconds.
    ///
    /// A cluster node that does not respond within this time, or within a quarter of [`timeout`](Self::timeout), is
    /// skipped. Opening a cluster is attempted three times.
    #[must_use]
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the reaction to a server configuration that endangers records. Defaults to [`ServerCheck::Safe`].
    #[must_use]
    pub const fn server_check(mut self, check: ServerCheck) -> Self {
        self.server_check = check;
        self
    }

    /// Waits for replicas after each commit. Off by default.
    ///
    /// Commits then use a second connection and run one after another, so throughput drops.
    #[must_use]
    pub const fn wait(mut self, wait: Wait) -> Self {
        self.wait = Some(wait);
        self
    }

    /// Creates the store if there is none under the prefix. Defaults to true.
    ///
    /// With false, open fails with [`OpenError::Missing`] instead, and writes nothing.
    #[must_use]
    pub const fn create_if_missing(mut self, create: bool) -> Self {
        self.create_if_missing = create;
        self
    }

    /// Opens the store and checks the server.
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] if the URL is invalid, the server is unreachable, or the server check refuses.
    pub async fn open(&self, url: &str) -> Result<RedisStore, OpenError> {
        RedisStore::open_with(url, self).await
    }
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self::new()
    }
}
