use std::time::Duration;

#[cfg(feature = "tokio-postgres")]
use crate::driver::deadpool::DeadpoolDriver;
use crate::health::ServerCheck;
use crate::schema::SchemaName;
use crate::{OpenError, PostgresStore};

/// Options for opening a [`PostgresStore`]. The defaults are safe and suit most hosts.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    pub(crate) schema: String,
    pub(crate) migrate: bool,
    pub(crate) timeout: Duration,
    pub(crate) connections: usize,
    pub(crate) statements: Statements,
    pub(crate) server_check: ServerCheck,
    pub(crate) notify: bool,
}

/// The way in which statements reach the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Statements {
    /// Prepares each statement once per connection. The first use of a statement on a connection takes more round
    /// trips.
    #[default]
    Prepared,
    /// Prepares nothing, for poolers in transaction mode such as pgbouncer. Every call is one round trip.
    Unprepared,
}

impl PostgresOptions {
    /// Returns the default options.
    #[must_use]
    pub fn new() -> Self {
        Self {
            schema: "challenges".to_owned(),
            migrate: true,
            timeout: Duration::from_secs(5),
            connections: 16,
            statements: Statements::Prepared,
            server_check: ServerCheck::default(),
            notify: false,
        }
    }

    /// Sets the name of the schema. Defaults to `challenges`.
    ///
    /// 1 to 48 lower-case letters, digits and underscores, beginning with a letter, and not with `pg_`. Stores with
    /// different schemas share no records.
    #[must_use]
    pub fn schema(mut self, name: impl Into<String>) -> Self {
        self.schema = name.into();
        self
    }

    /// Creates or updates the schema on open, if needed. Defaults to true.
    ///
    /// With false, open fails with [`OpenError::NotMigrated`] instead; run the SQL of [`sql`](Self::sql) then.
    #[must_use]
    pub const fn migrate(mut self, migrate: bool) -> Self {
        self.migrate = migrate;
        self
    }

    /// Sets the time limit of a call, retries included. Defaults to 5 seconds. A commit can take twice as long: it first
    /// waits for the earlier commits of its shard, within the same limit.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the maximum number of connections of a store with its own pool. Defaults to 16; at least 2.
    #[must_use]
    pub const fn connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    /// Sets the way in which statements reach the server. Defaults to [`Statements::Prepared`].
    #[must_use]
    pub const fn statements(mut self, statements: Statements) -> Self {
        self.statements = statements;
        self
    }

    /// Sets the reaction to findings of the server check. Defaults to [`ServerCheck::Safe`].
    #[must_use]
    pub const fn server_check(mut self, check: ServerCheck) -> Self {
        self.server_check = check;
        self
    }

    /// Sends `NOTIFY` on the channel `<schema>_due` once per commit that creates a due record. Defaults to false.
    ///
    /// A process that [listens](PostgresStore::listen) wakes its dispatcher at once instead of at the next poll. The
    /// cost: PostgreSQL serializes all notifying commits of the server.
    #[must_use]
    pub const fn notify(mut self, notify: bool) -> Self {
        self.notify = notify;
        self
    }

    /// Returns the SQL that creates or updates the schema, for hosts that run their own migrations. Can be run again.
    ///
    /// The SQL contains several statements and no transaction control.
    ///
    /// # Errors
    ///
    /// [`OpenError::SchemaName`] when the name of the schema is invalid.
    pub fn sql(&self) -> Result<String, OpenError> {
        Ok(SchemaName::parse(&self.schema)?.sql())
    }

    /// Opens a store with its own connections to `url`. See [`PostgresStore::connect`].
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] if the URL is invalid, the server is unreachable, the schema cannot be brought up to
    /// date, or the server check refuses.
    #[cfg(feature = "tokio-postgres")]
    pub async fn connect(&self, url: &str) -> Result<PostgresStore, OpenError> {
        let (pool, connector) = crate::connect::pool(url, self)?;
        PostgresStore::open_with(DeadpoolDriver { pool, statements: self.statements, connector: Some(connector) }, self)
            .await
    }

    /// Opens a store on the host's pool of tokio-postgres.
    ///
    /// The pool needs at least two connections.
    ///
    /// # Errors
    ///
    /// Like [`connect`](Self::connect).
    #[cfg(feature = "tokio-postgres")]
    pub async fn open_deadpool(&self, pool: deadpool_postgres::Pool) -> Result<PostgresStore, OpenError> {
        PostgresStore::open_with(DeadpoolDriver { pool, statements: self.statements, connector: None }, self).await
    }

    /// Opens a store on the host's pool of sqlx 0.8.
    ///
    /// The pool needs at least two connections. sqlx pings a connection after each call, in the background. With
    /// `PgPoolOptions::test_before_acquire`, which is on by default, sqlx also pings before each call. That adds a
    /// round trip to every call: switch the setting off if a call may fail after a lost connection.
    ///
    /// # Errors
    ///
    /// Like [`connect`](Self::connect).
    #[cfg(feature = "sqlx")]
    pub async fn open_sqlx(&self, pool: sqlx::PgPool) -> Result<PostgresStore, OpenError> {
        PostgresStore::open_with(crate::driver::sqlx::SqlxDriver { pool, statements: self.statements }, self).await
    }
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self::new()
    }
}
