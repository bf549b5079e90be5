use std::num::NonZeroU32;
use std::time::Duration;

use crate::health::ServerCheck;
use crate::{OpenError, RedisStore};

/// How a store is opened. The default is safe; most hosts need nothing else.
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
}

/// How many replicas are waited for after a commit, and for how long.
///
/// It makes a failover lose less; it does not undo a commit that too few replicas have. Such a commit is answered as
/// [`StoreError::OutcomeUnknown`](challenges_core::store::StoreError::OutcomeUnknown), and the service, which then finds
/// it on the primary, goes on. A primary that is to refuse commits without replicas has `min-replicas-to-write`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// How many replicas.
    pub replicas: NonZeroU32,
    /// For how long; less than the timeout of a call.
    pub timeout: Duration,
}

impl RedisOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            prefix: "challenges".to_owned(),
            timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(2),
            server_check: ServerCheck::default(),
            wait: None,
        }
    }

    /// What every key begins with, so that several stores can share a server; `challenges` unless set.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long a call may take, with all the tries that it needs while a server restarts, fails over or hands shards
    /// to another one; 5 seconds unless set.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long it may take to connect to a server, once; 2 seconds unless set. In a cluster one that has not answered by
    /// then, or after a quarter of [`timeout`](Self::timeout), is left out.
    #[must_use]
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// What to do about a server that would not keep the records safe; [`ServerCheck::Safe`] unless set.
    #[must_use]
    pub const fn server_check(mut self, check: ServerCheck) -> Self {
        self.server_check = check;
        self
    }

    /// Waits for replicas after each commit; not unless set. It takes a second connection, on which commits follow each
    /// other and no longer overlap.
    #[must_use]
    pub const fn wait(mut self, wait: Wait) -> Self {
        self.wait = Some(wait);
        self
    }

    /// Opens the store and checks the server.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says what is wrong and what to do about it.
    pub async fn open(&self, url: &str) -> Result<RedisStore, OpenError> {
        RedisStore::open_with(url, self).await
    }
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self::new()
    }
}
