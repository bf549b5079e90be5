use std::sync::Mutex;

use challenges_core::Timestamp;
use challenges_core::store::{Batch, Key, Stored, Write};
use challenges_proofs::postgres::PostgresServer;
use futures::future::join_all;
use tokio::sync::Semaphore;
use tokio_postgres::types::ToSql;
use tokio_postgres::{NoTls, Statement};

use crate::floor::Floor;
use crate::trace::Step;

const TABLE: &str = "
    CREATE SCHEMA {schema};
    CREATE TABLE {schema}.records (
        owner bigint, kind smallint, id text COLLATE \"C\", version bytea NOT NULL, due bigint, expires bigint,
        body bytea NOT NULL, PRIMARY KEY (owner, kind, id)
    );
    CREATE INDEX ON {schema}.records (kind, due) WHERE due IS NOT NULL;
    CREATE INDEX ON {schema}.records (expires) WHERE expires IS NOT NULL";
const STATEMENTS: [&str; 8] = [
    "INSERT INTO {schema}.records (owner, kind, id, version, due, expires, body) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    "UPDATE {schema}.records SET version = $5, due = $6, expires = $7, body = $8
     WHERE owner = $1 AND kind = $2 AND id = $3 AND version = $4",
    "DELETE FROM {schema}.records WHERE owner = $1 AND kind = $2 AND id = $3 AND version = $4",
    "SELECT version FROM {schema}.records WHERE owner = $1 AND kind = $2 AND id = $3",
    "SELECT id, version, due, expires, body FROM {schema}.records WHERE owner = $1 AND kind = $2 AND id = $3",
    "SELECT kind, id, version, due, expires, body FROM {schema}.records WHERE owner = $1 AND kind = ANY ($2)",
    "SELECT id, version, due, expires, body FROM {schema}.records WHERE owner = $1 AND kind = $2 ORDER BY id LIMIT $3",
    "DELETE FROM {schema}.records WHERE ctid = ANY (ARRAY(
     SELECT ctid FROM {schema}.records WHERE expires < $1 ORDER BY expires LIMIT $2))",
];

/// Records filled in a transaction.
const PART: usize = 1_000;

/// Connections, each used by one caller at a time.
pub(super) struct Client {
    free: Mutex<Vec<Connection>>,
    turns: Semaphore,
}

struct Connection {
    client: tokio_postgres::Client,
    insert: Statement,
    update: Statement,
    delete: Statement,
    version: Statement,
    get: Statement,
    of_owner: Statement,
    list: Statement,
    purge: Statement,
}

pub(super) async fn connect(server: &PostgresServer) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(&server.url(), NoTls).await.unwrap();
    // Ends with the client.
    tokio::spawn(async move { connection.await.unwrap() });
    client
}

impl Client {
    pub(super) async fn connect(server: &PostgresServer, schema: &str, connections: usize) -> Self {
        server.query(&TABLE.replace("{schema}", schema)).unwrap();
        let mut free = Vec::new();
        for _ in 0..connections {
            free.push(Connection::open(server, schema).await);
        }
        Self { turns: Semaphore::new(free.len()), free: Mutex::new(free) }
    }

    fn pop(&self) -> Connection {
        self.free.lock().unwrap().pop().unwrap()
    }

    fn push(&self, connection: Connection) {
        self.free.lock().unwrap().push(connection);
    }
}

impl Connection {
    async fn open(server: &PostgresServer, schema: &str) -> Self {
        let client = connect(server).await;
        let statements = STATEMENTS.map(|sql| sql.replace("{schema}", schema));
        let prepared = join_all(statements.iter().map(|sql| client.prepare(sql))).await;
        let prepared: Vec<_> = prepared.into_iter().map(Result::unwrap).collect();
        let [insert, update, delete, version, get, of_owner, list, purge] = prepared.try_into().unwrap();
        Self { client, insert, update, delete, version, get, of_owner, list, purge }
    }

    /// Sends the writes at once. The replies are read while later statements run.
    async fn commit(&self, batch: &Batch) {
        let writes = join_all(batch.writes().iter().map(|write| self.write(batch, write)));
        if let [_] = batch.writes() {
            writes.await;
            return;
        }
        let begin = self.client.batch_execute("BEGIN");
        let commit = self.client.batch_execute("COMMIT");
        // Polled in this order, and sent when first polled.
        let (begun, _, committed) = futures::join!(begin, writes, commit);
        begun.unwrap();
        committed.unwrap();
    }

    async fn write(&self, batch: &Batch, write: &Write) {
        let key = write.key();
        let (owner, kind, id) = (tag(key.id.owner()), i16::from(key.kind.code()), key.id.encode().as_str().to_owned());
        let version = batch.version().to_vec();
        let changed = match write {
            Write::Put { expected, record } => {
                let (due, expires, body) = (record.due.map(time), record.expires.map(time), &record.body[..]);
                match expected {
                    None => self.execute(&self.insert, &[&owner, &kind, &id, &version, &due, &expires, &body]).await,
                    Some(old) => {
                        let old = old.as_slice();
                        self.execute(&self.update, &[&owner, &kind, &id, &old, &version, &due, &expires, &body]).await
                    }
                }
            }
            Write::Delete { version: old, .. } => {
                self.execute(&self.delete, &[&owner, &kind, &id, &old.as_slice()]).await
            }
            Write::Keep { expected, .. } => {
                let found = self.client.query_opt(&self.version, &[&owner, &kind, &id]).await.unwrap();
                let found: Option<Vec<u8>> = found.map(|row| row.get(0));
                assert_eq!(found, expected.map(|old| old.to_vec()));
                1
            }
        };
        assert_eq!(changed, 1);
    }

    async fn get(&self, Key { kind, id }: Key) {
        let (owner, kind) = (tag(id.owner()), i16::from(kind.code()));
        let row = self.client.query_one(&self.get, &[&owner, &kind, &id.encode().as_str()]).await.unwrap();
        std::hint::black_box(row);
    }

    async fn execute(&self, statement: &Statement, values: &[&(dyn ToSql + Sync)]) -> u64 {
        self.client.execute(statement, values).await.unwrap()
    }

    async fn take(&self, step: &Step) {
        match step {
            Step::Load(request, _) => {
                let kinds: Vec<i16> = request.owned_kinds().iter().map(|kind| kind.code().into()).collect();
                let of_owner = async {
                    if !kinds.is_empty() {
                        let owner = tag(request.owner());
                        std::hint::black_box(self.client.query(&self.of_owner, &[&owner, &kinds]).await.unwrap());
                    }
                };
                futures::join!(join_all(request.requested_key().into_iter().map(|key| self.get(key))), of_owner);
            }
            Step::Commit(batch) => self.commit(batch).await,
            Step::List(kind, owner, limit, found) => {
                let (owner, kind) = (owner.map(tag), i16::from(kind.code()));
                let limit = i64::try_from(*limit).unwrap();
                let rows = self.client.query(&self.list, &[&owner, &kind, &limit]).await.unwrap();
                assert_eq!(rows.len(), found.len());
            }
            Step::Purge(before, limit, found) => {
                let deleted = self.execute(&self.purge, &[&time(*before), &i64::try_from(*limit).unwrap()]).await;
                assert_eq!(deleted, found.len() as u64);
            }
        }
    }
}

impl Floor for Client {
    type Ready = Step;

    async fn fill(&self, stored: Vec<Stored>) {
        let connection = self.pop();
        for part in stored.chunks(PART) {
            connection.client.batch_execute("BEGIN").await.unwrap();
            let puts = part
                .iter()
                .map(|Stored { record, version }| Batch::new(*version, vec![Write::create(record.clone())]).unwrap());
            let puts: Vec<_> = puts.collect();
            join_all(puts.iter().map(|put| connection.write(put, &put.writes()[0]))).await;
            connection.client.batch_execute("COMMIT").await.unwrap();
        }
        self.push(connection);
    }

    fn ready(&self, step: &Step) -> Step {
        step.clone()
    }

    async fn take(&self, step: Step) {
        let _turn = self.turns.acquire().await.unwrap();
        let connection = self.pop();
        connection.take(&step).await;
        self.push(connection);
    }
}

/// Converts to a signed number with the same order.
const fn signed(value: u64) -> i64 {
    (value ^ (1 << 63)).cast_signed()
}

pub(super) const fn tag(owner: u64) -> i64 {
    signed(owner)
}

pub(super) const fn time(time: Timestamp) -> i64 {
    signed(time.as_millis())
}
