//! Whole challenges by code on one Redis server, beside the same client crate that sends the same requests with the same
//! payloads and decides nothing, and beside `redis-benchmark` with the same script.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use challenges_core::store::{Kind, ListQuery, Stored};
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, KeyRing, Owner, Store};
use challenges_redis::RedisStore;
use challenges_testkit::redis::RedisServer;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd};
use tokio::runtime::Runtime;

use crate::measure::{Report, interleaved};
use crate::memory_cycle::{cycle, data};

const CALLERS: usize = 64;
const CYCLES: usize = 8_192;
const SCRIPT: &str = include_str!("../../crates/challenges-redis/src/lua/commit.lua");
/// Requests that `redis-benchmark` sends of each kind.
const BENCHMARK: usize = 100_000;

pub(crate) fn client() -> Report {
    let (server, runtime) = setting();
    let values = runtime.block_on(Values::of_the_library());
    let raw = runtime.block_on(Raw::connect(&server, values));
    interleaved(CYCLES, 0.8, || ours(&server, &runtime), || floor(&server, &runtime, &raw))
}

pub(crate) fn benchmark() -> Report {
    let (server, runtime) = setting();
    let values = runtime.block_on(Values::of_the_library());
    interleaved(CYCLES, 0.0, || ours(&server, &runtime), || benchmarked(&server, &values))
}

fn setting() -> (RedisServer, Runtime) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    (RedisServer::start(&[]).unwrap(), runtime)
}

fn ours(server: &RedisServer, runtime: &Runtime) -> Duration {
    server.cli(&["FLUSHALL"]).unwrap();
    runtime.block_on(async {
        let store = RedisStore::open(&server.url()).await.unwrap();
        let challenges = Challenges::builder(store, KeyRing::generate().unwrap()).build().await.unwrap();
        let start = Instant::now();
        in_parallel(move |number| {
            let challenges = challenges.clone();
            async move { cycle(&challenges, number).await }
        })
        .await;
        start.elapsed()
    })
}

fn floor(server: &RedisServer, runtime: &Runtime, raw: &Raw) -> Duration {
    server.cli(&["FLUSHALL"]).unwrap();
    let raw = raw.clone();
    runtime.block_on(async {
        let start = Instant::now();
        in_parallel(move |number| {
            let raw = raw.clone();
            async move { raw.cycle(number).await }
        })
        .await;
        start.elapsed()
    })
}

async fn in_parallel<F: Future<Output = ()> + Send>(work: impl Fn(usize) -> F + Clone + Send + 'static) {
    let tasks: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let work = work.clone();
            tokio::spawn(async move {
                for number in (caller..CYCLES).step_by(CALLERS) {
                    work(number).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// What the library stores for one challenge, as it stores it.
struct Values {
    created: Vec<u8>,
    answered: Vec<u8>,
}

impl Values {
    async fn of_the_library() -> Self {
        let store = Arc::new(challenges_memory::MemoryStore::new());
        let challenges = Challenges::builder(store.clone(), KeyRing::generate().unwrap()).build().await.unwrap();
        let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_answer_data(data());
        let created = challenges.create_challenge(Owner::user("user500").unwrap(), spec).await.unwrap();
        let query = ListQuery { kind: Kind::Challenge, owner: None, after: None, limit: 1 };
        let before = store.list(&query).await.unwrap().records.remove(0);
        let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, created.code.unwrap().expose());
        assert!(challenges.answer(answer).await.unwrap().passed().is_some());
        let after = store.list(&query).await.unwrap().records.remove(0);
        Self { created: encode(1, &before), answered: encode(2, &after) }
    }
}

fn encode(version: usize, stored: &Stored) -> Vec<u8> {
    let expires = stored.record.expires.unwrap().as_millis();
    let mut value = format!("{version:032x}{}{expires:020}", "-".repeat(20)).into_bytes();
    value.extend_from_slice(&stored.record.body);
    value
}

/// The client crate, as the store uses it.
#[derive(Clone)]
struct Raw {
    connection: MultiplexedConnection,
    script: String,
    values: Arc<Values>,
}

impl Raw {
    async fn connect(server: &RedisServer, values: Values) -> Self {
        let client = Client::open(format!("{}/?protocol=resp3", server.url())).unwrap();
        let config = AsyncConnectionConfig::new().set_response_timeout(None).set_pipeline_buffer_size(1_024);
        let mut connection = client.get_multiplexed_async_connection_with_config(&config).await.unwrap();
        let script = redis::cmd("SCRIPT").arg("LOAD").arg(SCRIPT).query_async(&mut connection).await.unwrap();
        Self { connection, script, values: Arc::new(values) }
    }

    async fn cycle(&self, number: usize) {
        let mut connection = self.connection.clone();
        let field = format!("3:{number:07}{:033}", number % 1_000);
        let create = self.commit(number, &field, "", &self.values.created);
        assert_eq!(create.query_async::<i64>(&mut connection).await.unwrap(), 1);
        let mut read = redis::cmd("HGET");
        read.arg(keys(number)[0].as_str()).arg(&field);
        let found: Vec<u8> = read.query_async(&mut connection).await.unwrap();
        let expected = std::str::from_utf8(&found[..32]).unwrap();
        let answer = self.commit(number, &field, expected, &self.values.answered);
        assert_eq!(answer.query_async::<i64>(&mut connection).await.unwrap(), 1);
    }

    fn commit(&self, number: usize, field: &str, expected: &str, value: &[u8]) -> Cmd {
        let mut command = redis::cmd("EVALSHA");
        command.arg(&self.script).arg(4);
        for key in keys(number) {
            command.arg(key);
        }
        command.arg(&value[..32]).arg(field).arg(expected).arg(value);
        command
    }
}

fn keys(number: usize) -> [String; 4] {
    let partition = number % 256;
    ["records", "index", "due", "expires"].map(|set| format!("challenges:{{{partition:03}}}:{set}"))
}

/// Two scripts and a read, as fast as `redis-benchmark` sends them.
fn benchmarked(server: &RedisServer, values: &Values) -> Duration {
    server.cli(&["FLUSHALL"]).unwrap();
    let script = server.cli(&["SCRIPT", "LOAD", SCRIPT]).unwrap();
    let [records, index, due, expires] = keys(0);
    let field = format!("3:{}__rand_int__", "0".repeat(28));
    let value = String::from_utf8(values.created.clone()).unwrap();
    let each = |arguments: &[&str]| {
        let mut benchmark = Command::new("redis-benchmark");
        benchmark.args(["-p", &server.port().to_string(), "-c", "4", "-P", "16", "-n", &BENCHMARK.to_string()]);
        benchmark.args(["-r", "1000000000", "--csv"]).args(arguments);
        let output = String::from_utf8(benchmark.output().unwrap().stdout).unwrap();
        // The last line ends with the rate and six latencies; the name before them holds whatever was sent.
        let mut numbers = output.lines().last().unwrap().rsplit("\",\"");
        let a_second: f64 = numbers.nth(6).unwrap().parse().unwrap();
        Duration::from_secs_f64(1.0 / a_second)
    };
    let commit = each(&["EVALSHA", &script, "4", &records, &index, &due, &expires, &value[..32], &field, "", &value]);
    let read = each(&["HGET", &records, &field]);
    (2 * commit + read) * CYCLES as u32
}
