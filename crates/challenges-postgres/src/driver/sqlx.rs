//! sqlx 0.8.

use std::convert::Infallible;

use async_trait::async_trait;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgDatabaseError, PgListener, PgRow, PgSeverity, PgSslMode};
use sqlx::query::Query;
use sqlx::{Executor as _, PgConnection, PgPool, Postgres, Row as _};
use tokio::time::{Instant, timeout_at};

use super::{Driver, Failure, Held, ServerError};
use crate::Statements;
use crate::call::{Call, RawRecord, Value};

#[derive(Clone)]
pub(crate) struct SqlxDriver {
    pub(crate) pool: PgPool,
    pub(crate) statements: Statements,
}

impl SqlxDriver {
    async fn connection(&self, deadline: Instant) -> Result<PoolConnection<Postgres>, Failure> {
        match timeout_at(deadline, self.pool.acquire()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(Failure::NoConnection(Box::new(error))),
            Err(elapsed) => Err(Failure::NoConnection(Box::new(elapsed))),
        }
    }

    async fn rows(&self, call: &Call<'_>, deadline: Instant) -> Result<Vec<PgRow>, Failure> {
        self.held(deadline).await?.rows(call, deadline).await
    }

    async fn held(&self, deadline: Instant) -> Result<HeldConnection, Failure> {
        Ok(HeldConnection { connection: self.connection(deadline).await?, statements: self.statements })
    }
}

struct HeldConnection {
    connection: PoolConnection<Postgres>,
    statements: Statements,
}

impl HeldConnection {
    async fn rows(mut self, call: &Call<'_>, deadline: Instant) -> Result<Vec<PgRow>, Failure> {
        let result = timeout_at(deadline, run(&mut self.connection, self.statements, call)).await;
        settle(self.connection, result)
    }
}

#[async_trait]
impl Held for HeldConnection {
    async fn numbers(self: Box<Self>, call: &Call<'_>, deadline: Instant) -> Result<Vec<i64>, Failure> {
        numbers(&self.rows(call, deadline).await?)
    }
}

#[async_trait]
impl Driver for SqlxDriver {
    async fn records(&self, call: &Call<'_>, deadline: Instant) -> Result<Vec<RawRecord>, Failure> {
        let rows = self.rows(call, deadline).await?;
        rows.iter().map(record).collect::<Result<_, _>>().map_err(|error| Failure::Reply(Box::new(error)))
    }

    async fn numbers(&self, call: &Call<'_>, deadline: Instant) -> Result<Vec<i64>, Failure> {
        numbers(&self.rows(call, deadline).await?)
    }

    async fn hold(&self, deadline: Instant) -> Result<Box<dyn Held>, Failure> {
        Ok(Box::new(self.held(deadline).await?))
    }

    async fn text(&self, sql: &str, deadline: Instant) -> Result<Vec<Vec<Option<String>>>, Failure> {
        let mut connection = self.connection(deadline).await?;
        let result = timeout_at(deadline, simple(&mut connection, sql)).await;
        text(&settle(connection, result)?)
    }

    async fn beside(&self, first: &str, second: &str, deadline: Instant) -> Result<Vec<Vec<Option<String>>>, Failure> {
        let held = timeout_at(deadline, async {
            let mut transaction = self.pool.begin().await?;
            simple(&mut transaction, first).await?;
            Ok(transaction)
        });
        let held = match held.await {
            Ok(Ok(held)) => held,
            Ok(Err(error)) => return Err(failure(error)),
            Err(_) => return Err(Failure::TimedOut),
        };
        let rows = self.text(second, deadline).await;
        held.rollback().await.map_err(failure)?;
        rows
    }

    fn may_be_plain(&self) -> bool {
        let options = self.pool.connect_options();
        let is_near = options.get_socket().is_some() || options.get_host().starts_with('/');
        let is_encrypted = match options.get_ssl_mode() {
            PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull => true,
            PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer => false,
        };
        !is_encrypted && !is_near && !super::is_loopback(options.get_host())
    }

    fn can_listen(&self) -> bool {
        true
    }

    async fn listen(&self, channel: &str, woken: &(dyn Fn() + Send + Sync)) -> Failure {
        let failed: Result<Infallible, sqlx::Error> = async {
            let mut listener = PgListener::connect_with(&self.pool).await?;
            listener.listen(channel).await?;
            loop {
                woken();
                // `None` after a lost connection that was replaced.
                listener.try_recv().await?;
            }
        }
        .await;
        match failed {
            Err(error) => failure(error),
        }
    }
}

/// Runs a statement on a connection.
async fn run(
    connection: &mut PgConnection,
    statements: Statements,
    call: &Call<'_>,
) -> Result<Vec<PgRow>, sqlx::Error> {
    match statements {
        Statements::Prepared => {
            let query = call.values.iter().fold(sqlx::query(call.sql), bind);
            connection.fetch_all(query).await
        }
        // sqlx prepares in a round trip of its own, and a pooler may send the next one to another server.
        Statements::Unprepared => simple(connection, &call.inline()).await,
    }
}

/// Reads records on a connection of the host.
pub(crate) async fn records_on(
    connection: &mut PgConnection,
    statements: Statements,
    call: &Call<'_>,
) -> Result<Vec<RawRecord>, Failure> {
    let rows = run(connection, statements, call).await.map_err(failure)?;
    rows.iter().map(record).collect::<Result<_, _>>().map_err(|error| Failure::Reply(Box::new(error)))
}

/// Reads numbers on a connection of the host.
pub(crate) async fn numbers_on(
    connection: &mut PgConnection,
    statements: Statements,
    call: &Call<'_>,
) -> Result<Vec<i64>, Failure> {
    numbers(&run(connection, statements, call).await.map_err(failure)?)
}

fn numbers(rows: &[PgRow]) -> Result<Vec<i64>, Failure> {
    let numbers = rows.iter().map(|row| row.try_get(0));
    numbers.collect::<Result<_, _>>().map_err(|error| Failure::Reply(Box::new(error)))
}

/// Runs statements by the simple query protocol.
async fn simple(connection: &mut PgConnection, sql: &str) -> Result<Vec<PgRow>, sqlx::Error> {
    // Not `raw_sql`, whose futures are not `Send` for every lifetime.
    connection.fetch_all(sql).await
}

/// Closes a connection that must not be used again.
fn settle<T>(
    connection: PoolConnection<Postgres>,
    result: Result<Result<T, sqlx::Error>, tokio::time::error::Elapsed>,
) -> Result<T, Failure> {
    let failure = match result {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => failure(error),
        Err(_) => Failure::TimedOut,
    };
    if failure.spoils_connection() {
        drop(connection.detach());
    }
    Err(failure)
}

pub(crate) fn failure(error: sqlx::Error) -> Failure {
    match &error {
        sqlx::Error::Database(database) => {
            let details = database.try_downcast_ref::<PgDatabaseError>();
            let code = details.map(|details| details.code().to_owned()).unwrap_or_default();
            let ends_session = details.is_none_or(|details| details.severity() != PgSeverity::Error);
            Failure::Server(ServerError { code, ends_session, source: Box::new(error) })
        }
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Failure::NoConnection(Box::new(error)),
        _ => Failure::Lost(Box::new(error)),
    }
}

fn text(rows: &[PgRow]) -> Result<Vec<Vec<Option<String>>>, Failure> {
    let row = |row: &PgRow| (0..row.len()).map(|index| row.try_get_unchecked(index)).collect::<Result<_, _>>();
    rows.iter().map(row).collect::<Result<_, sqlx::Error>>().map_err(|error| Failure::Reply(Box::new(error)))
}

fn record(row: &PgRow) -> Result<RawRecord, sqlx::Error> {
    Ok(RawRecord {
        kind: row.try_get(0)?,
        owner: row.try_get(1)?,
        id: row.try_get(2)?,
        version: row.try_get(3)?,
        due: row.try_get(4)?,
        expires: row.try_get(5)?,
        body: row.try_get(6)?,
    })
}

fn bind<'q>(query: Query<'q, Postgres, PgArguments>, value: &'q Value<'_>) -> Query<'q, Postgres, PgArguments> {
    match value {
        Value::Small(value) => query.bind(value),
        Value::Big(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Smalls(values) => query.bind(values),
        Value::Ints(values) => query.bind(values),
        Value::Bigs(values) => query.bind(values),
        Value::Texts(values) => query.bind(values),
        Value::Bytes(values) => query.bind(values),
    }
}
