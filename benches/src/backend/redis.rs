//! Redis. The floor is the client crate alone, with a layout and scripts of its own: a hash per owner and kind.

pub(crate) mod scripts;

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::Timestamp;
use challenges_core::store::{Batch, Key, Stored, Write};
use challenges_proofs::redis::RedisServer;
use challenges_redis::RedisOptions;
use redis::aio::{ConnectionLike as _, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Cmd, Pipeline, Value};

use super::{Backend, Kind, Opened};
use crate::floor::{self, Floor, Live, Replay, Signature};
use crate::trace::{Step, Trace};

pub(crate) static KIND: Kind = Kind {
    name: "redis",
    floor: "Floor: the same client crate on one multiplexed connection, with a hash per owner and kind and hand-written \
            scripts that compare versions, encoded beforehand, and decoding no replies. Sweeps know the keys to \
            delete. The server writes an append-only file with `everysec` and shares the processors with the callers.",
    start: || Box::new(Redis::start()),
    largest: 100_000,
    is_variant: false,
    is_in_place: false,
};

/// A durable configuration, without rewrites of the append-only file, which would disturb measurements at random.
pub(crate) const SERVER: [&str; 6] =
    ["--appendonly", "yes", "--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0"];

struct Redis {
    server: RedisServer,
    /// The number of stores and floors opened.
    opened: AtomicUsize,
}

impl Redis {
    fn start() -> Self {
        // The `Display` of the error names the missing package; `unwrap` would print the `Debug`.
        let server = RedisServer::start(&SERVER).map_err(|error| error.to_string()).unwrap();
        Self { server, opened: AtomicUsize::new(0) }
    }

    fn prefix(&self) -> String {
        format!("bench{:04}", self.opened.fetch_add(1, Ordering::Relaxed))
    }

    /// Returns a number from the `INFO` of the server.
    fn info(&self, section: &str, name: &str) -> f64 {
        let info = self.server.cli(&["INFO", section]).unwrap();
        let number = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        number.unwrap().trim().parse().unwrap()
    }
}

#[async_trait]
impl Backend for Redis {
    async fn open(&self) -> Opened {
        let store = RedisOptions::new().prefix(self.prefix()).open(&self.server.url()).await.unwrap();
        Opened { store: Arc::new(store), files: None }
    }

    async fn replay(&self, trace: &Trace, callers: usize, signature: Option<Arc<Signature>>) -> Box<dyn Replay> {
        floor::replay(Client::connect(&self.server, self.prefix()).await, trace, callers, signature).await
    }

    async fn live(&self, _: usize) -> Arc<dyn Live> {
        floor::live(Client::connect(&self.server, self.prefix()).await)
    }

    fn clear(&self) {
        self.server.cli(&["FLUSHALL"]).unwrap();
    }

    /// Waits for the sync of the append-only file. A sync in progress blocks the next write of the server.
    async fn settle(&self) {
        while self.info("persistence", "aof_pending_bio_fsync") + self.info("persistence", "aof_buffer_length") > 0.0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn used(&self, _: &Opened) -> f64 {
        self.info("memory", "used_memory")
    }
}

/// A multiplexed connection.
struct Client {
    connection: MultiplexedConnection,
    prefix: String,
    /// The SHA-1 hashes of the scripts.
    commit: String,
    load: String,
    purge: String,
}

impl Client {
    async fn connect(server: &RedisServer, prefix: String) -> Self {
        let client = redis::Client::open(format!("{}/?protocol=resp3", server.url())).unwrap();
        let config = AsyncConnectionConfig::new().set_response_timeout(None).set_pipeline_buffer_size(1_024);
        let mut connection = client.get_multiplexed_async_connection_with_config(&config).await.unwrap();
        let mut hashes = Vec::new();
        for script in [scripts::COMMIT, scripts::LOAD, scripts::PURGE] {
            let hash: String = redis::cmd("SCRIPT").arg("LOAD").arg(script).query_async(&mut connection).await.unwrap();
            hashes.push(hash);
        }
        let [commit, load, purge] = hashes.try_into().unwrap();
        Self { connection, prefix, commit, load, purge }
    }

    /// Returns the name of the hash with the records of an owner and kind.
    fn hash(&self, owner: u64, kind: challenges_core::store::Kind) -> String {
        format!("{}:{:x}:{}:", self.prefix, owner, kind.code())
    }

    fn of(&self, key: &Key) -> String {
        self.hash(key.id.owner(), key.kind)
    }

    fn index(&self, name: &str) -> String {
        format!("{}:{name}", self.prefix)
    }

    fn commit(&self, batch: &Batch) -> Cmd {
        let mut keys = vec![self.index("expires"), self.index("due")];
        keys.extend(batch.writes().iter().map(|write| self.of(&write.key())));
        let mut command = script(&self.commit, &keys);
        for write in batch.writes() {
            command.arg(write.key().id.encode().as_str());
            match write.expected() {
                None => command.arg(""),
                Some(expected) => command.arg(hex(&expected)),
            };
            match write {
                Write::Keep { .. } => command.arg("k").arg("").arg(""),
                Write::Delete { .. } => command.arg("d").arg("").arg(""),
                Write::Put { record, .. } => {
                    let mut value = hex(&batch.version()).into_bytes();
                    value.extend_from_slice(&record.body);
                    let time =
                        |time: Option<Timestamp>| time.map_or(String::new(), |time| time.as_millis().to_string());
                    command.arg(value).arg(time(record.expires)).arg(time(record.due))
                }
            };
        }
        command
    }

    fn load(&self, request: &challenges_core::store::Load) -> Cmd {
        let owned: Vec<String> = request.owned_kinds().iter().map(|kind| self.hash(request.owner(), *kind)).collect();
        match (request.requested_key(), &owned[..]) {
            (Some(key), []) => {
                let mut command = redis::cmd("HGET");
                command.arg(self.of(&key)).arg(key.id.encode().as_str());
                command
            }
            (None, [hash]) => {
                let mut command = redis::cmd("HGETALL");
                command.arg(hash);
                command
            }
            (key, _) => {
                let first = key.map(|key| self.of(&key)).unwrap_or_default();
                let mut command = script(&self.load, &[vec![first], owned].concat());
                command.arg(key.map(|key| key.id.encode().as_str().to_owned()).unwrap_or_default());
                command
            }
        }
    }

    fn purge(&self, before: Timestamp, limit: usize, found: &[(Key, Timestamp)]) -> Vec<Cmd> {
        let mut look = redis::cmd("ZRANGE");
        look.arg(self.index("expires")).arg("-inf").arg(format!("({}", before.as_millis())).arg("BYSCORE");
        look.arg("LIMIT").arg(0).arg(limit);
        let mut keys = vec![self.index("expires")];
        keys.extend(found.iter().map(|(key, _)| self.of(key)));
        let mut delete = script(&self.purge, &keys);
        for (key, _) in found {
            delete.arg(key.id.encode().as_str());
        }
        vec![look, delete]
    }
}

impl Floor for Client {
    /// Requests, one after the other.
    type Ready = Vec<Cmd>;

    async fn fill(&self, stored: Vec<Stored>) {
        for part in stored.chunks(1_000) {
            let mut pipeline = Pipeline::new();
            for Stored { record, version } in part {
                let put = Write::create(record.clone());
                pipeline.add_command(self.commit(&Batch::new(*version, vec![put]).unwrap()));
            }
            let applied: Vec<i64> = pipeline.query_async(&mut self.connection.clone()).await.unwrap();
            assert_eq!(applied.iter().sum::<i64>(), part.len() as i64);
        }
    }

    fn ready(&self, step: &Step) -> Vec<Cmd> {
        match step {
            Step::Load(request, _) => vec![self.load(request)],
            Step::Commit(batch) => vec![self.commit(batch)],
            Step::List(kind, owner, ..) => {
                // The hash has one page. Sorting is left out.
                let mut command = redis::cmd("HGETALL");
                command.arg(self.hash(owner.unwrap(), *kind));
                vec![command]
            }
            Step::Purge(before, limit, found) => self.purge(*before, *limit, found),
        }
    }

    async fn take(&self, requests: Vec<Cmd>) {
        for request in requests {
            let value = self.connection.clone().req_packed_command(&request).await.unwrap();
            let value = value.extract_error().unwrap();
            // A conflict would be cheaper than a commit.
            assert_ne!(value, Value::Int(0));
        }
    }
}

fn script(hash: &str, keys: &[String]) -> Cmd {
    let mut command = redis::cmd("EVALSHA");
    command.arg(hash).arg(keys.len()).arg(keys);
    command
}

fn hex(bytes: &[u8; 16]) -> String {
    bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
