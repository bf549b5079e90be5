use challenges_core::store::{Batch, Key, Record, Stored, Write};
use challenges_proofs::postgres::PostgresServer;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;

use super::client::{Client, connect, tag, time};
use crate::callers;
use crate::floor::Floor;
use crate::trace::Step;

/// Each statement takes a column of all rows in each value.
const INSERT: &str = "INSERT INTO {schema}.records (owner, kind, id, version, due, expires, body)
    SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::text[], $4::bytea[], $5::bigint[], $6::bigint[], $7::bytea[])";
const UPDATE: &str = "UPDATE {schema}.records AS old SET version = new.version, due = new.due, expires = new.expires,
    body = new.body
    FROM unnest($1::bigint[], $2::smallint[], $3::text[], $4::bytea[], $5::bigint[], $6::bigint[], $7::bytea[], $8::bytea[])
        AS new (owner, kind, id, version, due, expires, body, expected)
    WHERE (old.owner, old.kind, old.id, old.version) = (new.owner, new.kind, new.id, new.expected)";
const DELETE: &str = "DELETE FROM {schema}.records AS old
    USING unnest($1::bigint[], $2::smallint[], $3::text[], $4::bytea[]) AS gone (owner, kind, id, expected)
    WHERE (old.owner, old.kind, old.id, old.version) = (gone.owner, gone.kind, gone.id, gone.expected)";
const VERSIONS: &str =
    "SELECT kept.version FROM unnest($1::bigint[], $2::smallint[], $3::text[]) AS key (owner, kind, id)
    JOIN {schema}.records AS kept ON (kept.owner, kept.kind, kept.id) = (key.owner, key.kind, key.id)";
/// The planner knows nothing about the table, which has been filled a moment ago.
const BY_INDEX: &str = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off";

/// Groups that are written at the same time.
const WRITERS: usize = 2;

type Waiting = (Batch, oneshot::Sender<()>);

/// Writers that commit all waiting batches in one transaction, and the connections of a [`Client`] for everything else.
pub(super) struct Grouped {
    client: Client,
    commits: mpsc::UnboundedSender<Waiting>,
}

struct Writer {
    client: tokio_postgres::Client,
    insert: Statement,
    update: Statement,
    delete: Statement,
    versions: Statement,
}

impl Grouped {
    pub(super) async fn connect(server: &PostgresServer, schema: &str, connections: usize) -> Self {
        let client = Client::connect(server, schema, connections - WRITERS).await;
        let (commits, waiting) = mpsc::unbounded_channel();
        let waiting = std::sync::Arc::new(Mutex::new(waiting));
        for _ in 0..WRITERS {
            let writer = Writer::open(server, schema).await;
            let waiting = std::sync::Arc::clone(&waiting);
            // Ends when the floor is dropped.
            tokio::spawn(async move { while writer.write_group(&waiting).await {} });
        }
        Self { client, commits }
    }
}

impl Floor for Grouped {
    type Ready = Step;

    async fn fill(&self, stored: Vec<Stored>) {
        self.client.fill(stored).await;
    }

    fn ready(&self, step: &Step) -> Step {
        step.clone()
    }

    async fn take(&self, step: Step) {
        let Step::Commit(batch) = step else { return self.client.take(step).await };
        let (reply, done) = oneshot::channel();
        self.commits.send((batch, reply)).unwrap();
        done.await.unwrap();
    }
}

impl Writer {
    async fn open(server: &PostgresServer, schema: &str) -> Self {
        let client = connect(server).await;
        client.batch_execute(BY_INDEX).await.unwrap();
        let prepare = async |sql: &str| client.prepare(&sql.replace("{schema}", schema)).await.unwrap();
        let (insert, update) = (prepare(INSERT).await, prepare(UPDATE).await);
        let (delete, versions) = (prepare(DELETE).await, prepare(VERSIONS).await);
        Self { client, insert, update, delete, versions }
    }

    /// Returns false at the end of the floor.
    async fn write_group(&self, waiting: &Mutex<mpsc::UnboundedReceiver<Waiting>>) -> bool {
        let mut group = Vec::new();
        if waiting.lock().await.recv_many(&mut group, callers::MANY).await == 0 {
            return false;
        }
        let mut rows = Rows::default();
        for (batch, _) in &group {
            batch.writes().iter().for_each(|write| rows.add(batch.version(), write));
        }
        let begin = self.client.batch_execute("BEGIN");
        let writes = rows.write(self);
        let commit = self.client.batch_execute("COMMIT");
        // Polled in this order, and sent when first polled.
        let (begun, (), committed) = futures::join!(begin, writes, commit);
        begun.unwrap();
        committed.unwrap();
        for (_, reply) in group {
            // A caller waits until the reply, unless the run has failed.
            let _ = reply.send(());
        }
        true
    }
}

/// The writes of a group by statement.
#[derive(Default)]
struct Rows {
    inserted: Records,
    updated: Records,
    deleted: Keys,
    kept: Keys,
}

#[derive(Default)]
struct Keys {
    owners: Vec<i64>,
    kinds: Vec<i16>,
    ids: Vec<String>,
    /// Without the versions of records that must be absent.
    expected: Vec<Vec<u8>>,
}

#[derive(Default)]
struct Records {
    keys: Keys,
    versions: Vec<Vec<u8>>,
    due: Vec<Option<i64>>,
    expires: Vec<Option<i64>>,
    bodies: Vec<Vec<u8>>,
}

impl Keys {
    fn add(&mut self, Key { kind, id }: Key, expected: Option<[u8; 16]>) {
        self.owners.push(tag(id.owner()));
        self.kinds.push(kind.code().into());
        self.ids.push(id.encode().as_str().to_owned());
        self.expected.extend(expected.map(Vec::from));
    }
}

impl Records {
    fn add(&mut self, record: &Record, expected: Option<[u8; 16]>, version: [u8; 16]) {
        self.keys.add(record.key, expected);
        self.versions.push(version.to_vec());
        self.due.push(record.due.map(time));
        self.expires.push(record.expires.map(time));
        self.bodies.push(record.body.to_vec());
    }

    fn columns(&self) -> Vec<&(dyn ToSql + Sync)> {
        let Keys { owners, kinds, ids, .. } = &self.keys;
        vec![owners, kinds, ids, &self.versions, &self.due, &self.expires, &self.bodies]
    }
}

impl Rows {
    fn add(&mut self, version: [u8; 16], write: &Write) {
        match write {
            Write::Put { expected: None, record } => self.inserted.add(record, None, version),
            Write::Put { expected, record } => self.updated.add(record, *expected, version),
            Write::Delete { key, version } => self.deleted.add(*key, Some(*version)),
            Write::Keep { key, expected } => self.kept.add(*key, *expected),
        }
    }

    async fn write(&self, writer: &Writer) {
        let Self { inserted, updated, deleted, kept } = self;
        let execute = async |statement, columns: Vec<&(dyn ToSql + Sync)>, rows: usize| {
            if rows > 0 {
                assert_eq!(writer.client.execute(statement, &columns).await.unwrap(), rows as u64);
            }
        };
        let versions = async {
            if kept.ids.is_empty() {
                return;
            }
            let keys: [&(dyn ToSql + Sync); 3] = [&kept.owners, &kept.kinds, &kept.ids];
            let found = writer.client.query(&writer.versions, &keys).await.unwrap();
            let found: Vec<Vec<u8>> = found.iter().map(|row| row.get(0)).collect();
            assert_eq!(found, kept.expected);
        };
        let update = updated.columns().into_iter().chain([&updated.keys.expected as &(dyn ToSql + Sync)]).collect();
        let delete: Vec<&(dyn ToSql + Sync)> = vec![&deleted.owners, &deleted.kinds, &deleted.ids, &deleted.expected];
        futures::join!(
            versions,
            execute(&writer.insert, inserted.columns(), inserted.versions.len()),
            execute(&writer.update, update, updated.versions.len()),
            execute(&writer.delete, delete, deleted.ids.len()),
        );
    }
}
