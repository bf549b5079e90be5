//! tokio-postgres with deadpool.

mod listener;

use async_trait::async_trait;
use deadpool_postgres::{ClientWrapper, Object, Pool};
use tokio::time::{Instant, timeout_at};
use tokio_postgres::error::Severity;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Row, SimpleQueryMessage};

use super::{Driver, Failure, Held, ServerError};
use crate::Statements;
use crate::call::{Call, RawRecord, Value};
use crate::connect::Connector;

#[derive(Clone)]
pub(crate) struct DeadpoolDriver {
    pub(crate) pool: Pool,
    pub(crate) statements: Statements,
    /// Absent for a pool of the host.
    pub(crate) connector: Option<Connector>,
}

impl DeadpoolDriver {
    async fn connection(&self, deadline: Instant) -> Result<Object, Failure> {
        match timeout_at(deadline, self.pool.get()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(Failure::NoConnection(Box::new(error))),
            Err(elapsed) => Err(Failure::NoConnection(Box::new(elapsed))),
        }
    }

    async fn rows(&self, call: &Call<'_>, deadline: Instant) -> Result<Vec<Row>, Failure> {
        self.held(deadline).await?.rows(call, deadline).await
    }

    async fn held(&self, deadline: Instant) -> Result<HeldConnection, Failure> {
        Ok(HeldConnection { connection: self.connection(deadline).await?, statements: self.statements })
    }
}

struct HeldConnection {
    connection: Object,
    statements: Statements,
}

impl HeldConnection {
    async fn rows(self, call: &Call<'_>, deadline: Instant) -> Result<Vec<Row>, Failure> {
        let result = timeout_at(deadline, run(&self.connection, self.statements, call)).await;
        settle(self.connection, result)
    }
}

/// Runs a statement on a connection.
pub(crate) async fn run(
    connection: &ClientWrapper,
    statements: Statements,
    call: &Call<'_>,
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let types = call.values.iter().map(sql_type);
    let values = call.values.iter().map(as_sql);
    match statements {
        Statements::Prepared => {
            let statement = connection.prepare_typed_cached(call.sql, &types.collect::<Vec<_>>()).await?;
            connection.query(&statement, &values.collect::<Vec<_>>()).await
        }
        Statements::Unprepared => connection.query_typed(call.sql, &values.zip(types).collect::<Vec<_>>()).await,
    }
}

#[async_trait]
impl Driver for DeadpoolDriver {
    async fn records(&self, call: &Call<'_>, deadline: Instant) -> Result<Vec<RawRecord>, Failure> {
        records(&self.rows(call, deadline).await?)
    }

    async fn numbers(&self, call: &Call<'_>, deadline: Instant) -> Result<Vec<i64>, Failure> {
        numbers(&self.rows(call, deadline).await?)
    }

    async fn hold(&self, deadline: Instant) -> Result<Box<dyn Held>, Failure> {
        Ok(Box::new(self.held(deadline).await?))
    }

    async fn text(&self, sql: &str, deadline: Instant) -> Result<Vec<Vec<Option<String>>>, Failure> {
        let connection = self.connection(deadline).await?;
        let result = timeout_at(deadline, connection.simple_query(sql)).await;
        settle(connection, result).map(|messages| text(&messages))
    }

    async fn beside(&self, first: &str, second: &str, deadline: Instant) -> Result<Vec<Vec<Option<String>>>, Failure> {
        let mut connection = self.connection(deadline).await?;
        let held = timeout_at(deadline, async {
            let transaction = connection.transaction().await?;
            transaction.simple_query(first).await?;
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
        self.connector.as_ref().is_some_and(Connector::may_be_plain)
    }

    fn can_listen(&self) -> bool {
        self.connector.is_some()
    }

    async fn listen(&self, channel: &str, woken: &(dyn Fn() + Send + Sync)) -> Failure {
        match &self.connector {
            Some(connector) => listener::listen(connector, channel, woken).await,
            None => Failure::NoConnection(Box::new(crate::OpenError::CannotListen)),
        }
    }
}

#[async_trait]
impl Held for HeldConnection {
    async fn numbers(self: Box<Self>, call: &Call<'_>, deadline: Instant) -> Result<Vec<i64>, Failure> {
        numbers(&self.rows(call, deadline).await?)
    }
}

pub(crate) fn records(rows: &[Row]) -> Result<Vec<RawRecord>, Failure> {
    rows.iter().map(record).collect::<Result<_, _>>().map_err(|error| Failure::Reply(Box::new(error)))
}

pub(crate) fn numbers(rows: &[Row]) -> Result<Vec<i64>, Failure> {
    let numbers = rows.iter().map(|row| row.try_get(0));
    numbers.collect::<Result<_, _>>().map_err(|error| Failure::Reply(Box::new(error)))
}

/// Closes a connection that must not be used again.
fn settle<T>(
    connection: Object,
    result: Result<Result<T, tokio_postgres::Error>, tokio::time::error::Elapsed>,
) -> Result<T, Failure> {
    let failure = match result {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => failure(error),
        Err(_) => Failure::TimedOut,
    };
    if failure.spoils_connection() {
        drop(Object::take(connection));
    }
    Err(failure)
}

pub(crate) fn failure(error: tokio_postgres::Error) -> Failure {
    let Some(database) = error.as_db_error() else { return Failure::Lost(Box::new(error)) };
    Failure::Server(ServerError {
        code: database.code().code().to_owned(),
        ends_session: database.parsed_severity() != Some(Severity::Error),
        source: Box::new(error),
    })
}

fn text(messages: &[SimpleQueryMessage]) -> Vec<Vec<Option<String>>> {
    let rows = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    rows.map(|row| (0..row.len()).map(|index| row.get(index).map(str::to_owned)).collect()).collect()
}

fn record(row: &Row) -> Result<RawRecord, tokio_postgres::Error> {
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

fn sql_type(value: &Value<'_>) -> Type {
    match value {
        Value::Small(_) => Type::INT2,
        Value::Big(_) => Type::INT8,
        Value::Text(_) => Type::TEXT,
        Value::Smalls(_) => Type::INT2_ARRAY,
        Value::Ints(_) => Type::INT4_ARRAY,
        Value::Bigs(_) => Type::INT8_ARRAY,
        Value::Texts(_) => Type::TEXT_ARRAY,
        Value::Bytes(_) => Type::BYTEA_ARRAY,
    }
}

fn as_sql<'v>(value: &'v Value<'_>) -> &'v (dyn ToSql + Sync) {
    match value {
        Value::Small(value) => value,
        Value::Big(value) => value,
        Value::Text(value) => value,
        Value::Smalls(values) => values,
        Value::Ints(values) => values,
        Value::Bigs(values) => values,
        Value::Texts(values) => values,
        Value::Bytes(values) => values,
    }
}
