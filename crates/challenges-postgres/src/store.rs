use std::convert::Infallible;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use challenges_core::store::{Batch, Commit, Id, Kind, Load, StoreError, Stored};
use challenges_core::{Store, Timestamp};

use crate::client::Client;
use crate::driver::Driver;
use crate::fault::Fault;
use crate::group::Group;
use crate::health::Finding;
use crate::schema::{self, Functions, SchemaName};
use crate::{Drift, Findings, OpenError, PostgresOptions, Statements, health, mark, number, read, write};

/// A store in a PostgreSQL database.
///
/// Clones share the pool. Any number of stores and processes may share a schema.
///
/// The store needs a tokio runtime with I/O and time enabled. The runtime on which the store was opened must run for as
/// long as the store is in use.
#[derive(Clone)]
pub struct PostgresStore(Arc<Inner>);

struct Inner {
    client: Client,
    schema: SchemaName,
    functions: Functions,
    group: Group,
    statements: Statements,
    findings: Findings,
}

impl PostgresStore {
    /// Opens the store at `url` with the default [`PostgresOptions`], and its own connections.
    ///
    /// `postgres://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]...]/DATABASE[?PARAMETER=VALUE&...]`, or the form
    /// `host=... user=...`. A HOST may be the percent-encoded directory of a Unix socket.
    ///
    /// | parameter | value |
    /// |---|---|
    /// | `target_session_attrs` | `read-write` is always used: of several hosts, the primary |
    /// | `sslmode` | `disable`, `prefer` (default) or `require`. Certificates are always verified, so `verify-ca` and `verify-full` mean `require` |
    /// | others | those of [`tokio_postgres::Config`] |
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] if the URL is invalid, the server is unreachable, the schema cannot be brought up to
    /// date, or the server check refuses.
    #[cfg(feature = "tokio-postgres")]
    pub async fn connect(url: &str) -> Result<Self, OpenError> {
        PostgresOptions::new().connect(url).await
    }

    /// Returns the warnings of the server check on open.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        self.0.findings.as_slice()
    }

    /// Creates the schema or brings it up to date, in one transaction. Can be run again.
    ///
    /// # Errors
    ///
    /// [`OpenError::MayNotCreate`] when the role lacks the rights.
    pub async fn migrate(&self) -> Result<(), OpenError> {
        schema::migrate(&self.0.client, &self.0.schema).await
    }

    /// Compares columns, indices and functions with those of this release, and reports what else can act on records; see
    /// [`Drift::Foreign`]. Other objects of the host are ignored.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the catalog cannot be read.
    pub async fn verify(&self) -> Result<Vec<Drift>, OpenError> {
        let found = schema::found(&self.0.client, &self.0.schema).await?;
        Ok(schema::differences(found, &self.0.schema))
    }

    /// Returns the clock of the server, to compare with the clock of this machine. The store itself never reads a
    /// clock.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the server does not reply.
    pub async fn server_time(&self) -> Result<Timestamp, OpenError> {
        let rows = self.0.client.text(health::CLOCK).await.map_err(OpenError::of)?;
        Ok(health::clock(&rows))
    }

    /// Listens for due records that other stores create, and calls `woken` after each of their commits. Runs until the
    /// future is dropped.
    ///
    /// Call [`Outbox::wake`] in `woken`, so that the dispatchers of this process start new entries at once.
    /// Notifications are lost while no connection listens. Therefore `woken` is also called after each connect, and
    /// dispatchers keep polling.
    ///
    /// | needs | |
    /// |---|---|
    /// | the other stores | [`PostgresOptions::notify`] |
    /// | a connection | with sqlx from the pool, otherwise in addition to the pool |
    /// | no pooler in transaction mode | such poolers pass no notification on |
    ///
    /// # Errors
    ///
    /// [`OpenError::CannotListen`] for a store on a pool of tokio-postgres from the host. Use a separate client to
    /// listen on `<schema>_due`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use challenges_core::Challenges;
    /// # use challenges_postgres::PostgresStore;
    /// # fn start(store: PostgresStore, challenges: Challenges) {
    /// tokio::spawn(async move { store.listen(|| challenges.outbox().wake()).await });
    /// # }
    /// ```
    ///
    /// [`Outbox::wake`]: challenges_core::outbox::Outbox::wake
    pub async fn listen(&self, woken: impl Fn() + Send + Sync) -> Result<Infallible, OpenError> {
        let Inner { client, schema, .. } = &*self.0;
        if !client.can_listen() {
            return Err(OpenError::CannotListen);
        }
        Ok(client.listen(&schema.channel(), &woken).await)
    }

    /// Wraps an open transaction of sqlx on the same database, for [`Challenges::join`].
    ///
    /// The transaction must have the isolation level `READ COMMITTED`; any other level is refused when something is
    /// written.
    ///
    /// Open the store on a pool other than that of the transaction. Each joined answer takes a second connection, on
    /// which a wrong answer is counted. On a shared pool, concurrent transactions can hold every connection, and the
    /// answers then fail before anything is compared.
    ///
    /// A call in the transaction that takes longer than [`PostgresOptions::timeout`] fails, and the transaction can
    /// then only be rolled back. The wait for another transaction that holds the records of the user ends after nine
    /// tenths of the timeout, or after the `lock_timeout` of the transaction if that is shorter. The settings of the
    /// transaction stay as they are, and statements of the host have no deadline from the store.
    ///
    /// [`Challenges::join`]: challenges_core::Challenges::join
    #[cfg(feature = "sqlx")]
    #[must_use]
    pub fn join_sqlx(&self, transaction: sqlx::Transaction<'static, sqlx::Postgres>) -> crate::SqlxTransaction {
        let begun = crate::joined::SqlxBegun { transaction, statements: self.0.statements };
        crate::SqlxTransaction(self.joining(begun))
    }

    /// Begins a transaction on a connection of tokio-postgres to the same database, for [`Challenges::join`].
    ///
    /// The default isolation level of the connection must be `READ COMMITTED`. A write at any other level is refused.
    ///
    /// Open the store on a pool other than that of the connection. Each joined answer takes a second connection, on
    /// which a wrong answer is counted. On a shared pool, concurrent transactions can hold every connection, and the
    /// answers then fail before anything is compared.
    ///
    /// A call in the transaction that takes longer than [`PostgresOptions::timeout`] fails, and the transaction can
    /// then only be rolled back. The wait for another transaction that holds the records of the user ends after nine
    /// tenths of the timeout, or after the `lock_timeout` of the transaction if that is shorter. The settings of the
    /// transaction stay as they are, and statements of the host have no deadline from the store.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when the connection is lost or does not reply.
    ///
    /// [`Challenges::join`]: challenges_core::Challenges::join
    #[cfg(feature = "tokio-postgres")]
    pub async fn join_deadpool(
        &self,
        connection: deadpool_postgres::Object,
    ) -> Result<crate::DeadpoolTransaction, StoreError> {
        let begun = crate::joined::DeadpoolBegun::begin(connection, self.0.statements);
        let begun =
            tokio::time::timeout(self.0.client.timeout(), begun).await.unwrap_or(Err(crate::driver::Failure::TimedOut));
        let begun = begun.map_err(|failure| Fault::from(failure).into_read_error())?;
        Ok(crate::DeadpoolTransaction(self.joining(begun)))
    }

    #[cfg(any(feature = "sqlx", feature = "tokio-postgres"))]
    fn joining<T: crate::joined::Open>(&self, transaction: T) -> crate::joined::Joining<T> {
        let Inner { client, functions, group, .. } = &*self.0;
        crate::joined::Joining::new(transaction, client.clone(), functions.clone(), group.channel())
    }

    pub(crate) async fn open_with(driver: impl Driver + 'static, options: &PostgresOptions) -> Result<Self, OpenError> {
        let schema = SchemaName::parse(&options.schema)?;
        let client = Client::new(driver, options.timeout);
        let findings = health::check(&client, &schema, options.server_check).await?;
        schema::ensure(&client, &schema, options.migrate).await?;
        let functions = Functions::of(&schema, mark::read(&client, &schema).await?);
        let channel = options.notify.then(|| schema.channel());
        let group = Group::new(client.clone(), functions.clone(), channel);
        Ok(Self(Arc::new(Inner { client, schema, functions, group, statements: options.statements, findings })))
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { client, schema, functions: _, group: _, statements, findings } = &*self.0;
        let mut store = f.debug_struct("PostgresStore");
        store
            .field("schema", schema)
            .field("client", client)
            .field("statements", statements)
            .field("findings", findings);
        store.finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn load(&self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        read::load(&self.0.client, &self.0.functions, request).await.map_err(Fault::into_read_error)
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        self.0.group.commit(batch).await.map_err(|fault| fault.commit_error())
    }

    async fn list(
        &self,
        kind: Kind,
        owner: Option<u64>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        read::list(&self.0.client, &self.0.functions, kind, owner, after, limit).await.map_err(Fault::into_read_error)
    }

    async fn due(
        &self,
        kind: Kind,
        shards: Range<u16>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        let Some(owners) = number::from_shards(&shards) else { return Ok(Vec::new()) };
        let due = read::due(&self.0.client, &self.0.functions, kind, &owners, now, limit).await;
        due.map_err(Fault::into_read_error)
    }

    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let Some(owners) = number::from_shards(&shards) else { return Ok(0) };
        let purged = write::purge(&self.0.client, &self.0.functions, &owners, before, limit).await;
        purged.map_err(Fault::into_read_error)
    }
}
