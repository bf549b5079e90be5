//! The Redis floor: the client crate alone, with the store's scripts, commands and bytes, encoded beforehand.

use challenges_core::Timestamp;
use challenges_core::store::{Batch, Expect, Id, Key, OwnerTag, Record, Shard, Stored, Then, Version, Write};
use challenges_proofs::redis::RedisServer;
use redis::aio::{ConnectionLike as _, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Cmd, Pipeline};

use super::Floor;
use crate::trace::Step;

const PARTITIONS: u16 = 256;
const SHARDS_EACH: u16 = 4;
const NONE: &str = "--------------------";

/// A multiplexed connection.
pub(crate) struct Client {
    connection: MultiplexedConnection,
    scripts: Scripts,
}

/// The SHA-1 hashes of the store's scripts.
struct Scripts {
    commit: String,
    load: String,
    list: String,
    purge: String,
}

/// Successive requests, each sent as a pipeline.
pub(crate) type Requests = Vec<Pipeline>;

impl Client {
    pub(crate) async fn connect(server: &RedisServer) -> Self {
        let client = redis::Client::open(format!("{}/?protocol=resp3", server.url())).unwrap();
        let config = AsyncConnectionConfig::new().set_response_timeout(None).set_pipeline_buffer_size(1_024);
        let mut connection = client.get_multiplexed_async_connection_with_config(&config).await.unwrap();
        let mut hashes = Vec::new();
        for script in [
            include_str!("../../../crates/challenges-redis/src/lua/commit.lua"),
            include_str!("../../../crates/challenges-redis/src/lua/load.lua"),
            include_str!("../../../crates/challenges-redis/src/lua/list.lua"),
            include_str!("../../../crates/challenges-redis/src/lua/purge.lua"),
        ] {
            let hash: String = redis::cmd("SCRIPT").arg("LOAD").arg(script).query_async(&mut connection).await.unwrap();
            hashes.push(hash);
        }
        let [commit, load, list, purge] = hashes.try_into().unwrap();
        Self { connection, scripts: Scripts { commit, load, list, purge } }
    }

    fn commit(&self, batch: &Batch) -> Cmd {
        let version = hex(batch.version().as_bytes());
        let mut command = script(&self.scripts.commit, &keys(batch.shard(), &["records", "index", "due", "expires"]));
        command.arg(&version);
        for write in batch.writes() {
            command.arg(field(&write.key));
            match &write.expect {
                Expect::Absent => command.arg(""),
                Expect::At(expected) => command.arg(hex(expected.as_bytes())),
            };
            match &write.then {
                Then::Keep => command.arg("k"),
                Then::Delete => command.arg("d"),
                Then::Put(record) => command.arg(encode(&batch.version(), record)),
            };
        }
        command
    }

    fn purge(&self, before: Timestamp, limit: usize, found: &[(Key, Timestamp)]) -> Requests {
        let mut look = Pipeline::new();
        for partition in 0..PARTITIONS {
            let mut command = redis::cmd("ZRANGEBYLEX");
            command.arg(key(partition, "expires")).arg("-").arg(format!("({}", digits(before)));
            command.arg("LIMIT").arg(0).arg(limit);
            look.add_command(command);
        }
        let mut delete = Pipeline::new();
        for partition in 0..PARTITIONS {
            let here: Vec<_> = found.iter().filter(|(key, _)| partition_of(key.shard()) == partition).collect();
            if let Some((first, _)) = here.first() {
                let keys = keys(first.shard(), &["records", "index", "due", "expires"]);
                let mut command = script(&self.scripts.purge, &keys);
                for (key, expires) in here {
                    command.arg(format!("{}:{}", digits(*expires), field(key)));
                }
                delete.add_command(command);
            }
        }
        vec![look, delete]
    }
}

impl Floor for Client {
    type Ready = Requests;

    async fn fill(&self, stored: Vec<Stored>) {
        for part in stored.chunks(1_000) {
            let mut pipeline = Pipeline::new();
            for Stored { record, version } in part {
                let put = Write::put(Expect::Absent, record.clone());
                pipeline.add_command(self.commit(&Batch::new(*version, vec![put]).unwrap()));
            }
            let applied: Vec<i64> = pipeline.query_async(&mut self.connection.clone()).await.unwrap();
            assert_eq!(applied.iter().sum::<i64>(), part.len() as i64);
        }
    }

    fn ready(&self, step: &Step) -> Requests {
        let command = match step {
            Step::Load(request, _) if request.owned_kinds().is_empty() => {
                let [found] = request.keys() else { return Vec::new() };
                let mut command = redis::cmd("HGET");
                command.arg(key(partition_of(request.shard()), "records")).arg(field(found));
                command
            }
            Step::Load(request, _) => {
                let mut command = script(&self.scripts.load, &keys(request.shard(), &["records", "index"]));
                command.arg(request.keys().first().map(field).unwrap_or_default());
                for kind in request.owned_kinds() {
                    command.arg(format!("{}:{}:", kind.code(), tag(request.owner())));
                }
                command
            }
            Step::Commit(batch) => self.commit(batch),
            Step::List(query, _) => {
                let owner = query.owner.unwrap();
                let all = format!("{}:{}", query.kind.code(), tag(owner));
                let mut command = script(&self.scripts.list, &keys(owner.shard(), &["records", "index"]));
                command.arg(format!("[{all}:")).arg(format!("({all};")).arg(query.limit + 1);
                command
            }
            Step::Purge(before, limit, found) => return self.purge(*before, *limit, found),
        };
        let mut request = Pipeline::with_capacity(1);
        request.add_command(command);
        vec![request]
    }

    async fn take(&self, requests: Requests) {
        for request in requests {
            let mut connection = self.connection.clone();
            let values = match request.cmd_iter().collect::<Vec<_>>()[..] {
                [command] => vec![connection.req_packed_command(command).await.unwrap()],
                _ => connection.req_packed_commands(&request, 0, request.len()).await.unwrap(),
            };
            for value in values {
                std::hint::black_box(value.extract_error().unwrap());
            }
        }
    }
}

fn script(hash: &str, keys: &[String]) -> Cmd {
    let mut command = redis::cmd("EVALSHA");
    command.arg(hash).arg(keys.len()).arg(keys);
    command
}

const fn partition_of(shard: Shard) -> u16 {
    shard.number() / SHARDS_EACH
}

fn keys(shard: Shard, sets: &[&str]) -> Vec<String> {
    sets.iter().map(|set| key(partition_of(shard), set)).collect()
}

fn key(partition: u16, set: &str) -> String {
    format!("challenges:{{{partition:03}}}:{set}")
}

fn field(key: &Key) -> String {
    format!("{}:{}", key.kind.code(), key.id)
}

fn tag(owner: OwnerTag) -> String {
    Id::new(Timestamp::default(), owner, 0).encode().as_str()[7..18].to_owned()
}

fn digits(time: Timestamp) -> String {
    format!("{:020}", time.as_millis())
}

fn hex(bytes: &[u8; 16]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Encodes a record as the store does.
pub(crate) fn encode(version: &Version, record: &Record) -> Vec<u8> {
    let time = |time: Option<Timestamp>| time.map_or_else(|| NONE.to_owned(), digits);
    let mut value = format!("{}{}{}", hex(version.as_bytes()), time(record.due), time(record.expires)).into_bytes();
    value.extend_from_slice(&record.body);
    value
}
