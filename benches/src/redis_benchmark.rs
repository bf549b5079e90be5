//! Code challenges on Redis, compared with `redis-benchmark`, which sends the same script and the same read from C.

use std::process::Command;
use std::time::Duration;

use challenges_core::store::{Record, Then, Version};
use challenges_proofs::redis::RedisServer;

use crate::arguments::Arguments;
use crate::backend::{Backend, Kind, Opened};
use crate::callers::{self, MANY};
use crate::floor::encode_for_redis;
use crate::host::Host;
use crate::measure::in_turns;
use crate::operation::Operation;
use crate::report::{Section, rate, share};
use crate::trace::{Step, Trace};
use crate::unstored::cycle;

const CYCLES: usize = 8_192;
const SCRIPT: &str = include_str!("../../crates/challenges-redis/src/lua/commit.lua");

/// Requests per `redis-benchmark` run.
const REQUESTS: usize = 50_000;

pub(crate) fn run(arguments: &Arguments) -> Option<Section> {
    if !arguments.wants("redis create + answer beside redis-benchmark") {
        return None;
    }
    let about = "Create and answer by code, 64 callers: two commits and a load. Floor: `redis-benchmark -P 16 -c 4` with two of \
                 the store's commit scripts and a read, one partition, the same bytes.";
    let header = ["", "a second", "floor", "of the floor"];
    let mut section = Section::new("Beside redis-benchmark", about, &header);
    let (backend, runtime) = (Backend::start(Kind::Redis), callers::runtime(MANY));
    let value = runtime.block_on(value());
    let turns = in_turns([
        &mut || {
            runtime.block_on(async {
                let Opened { store, .. } = backend.open().await;
                let host = Host::new(store).await;
                let work = move |number| {
                    let host = host.clone();
                    async move { cycle(&host, number).await }
                };
                callers::timed(MANY, (0..CYCLES).collect(), work).await
            })
        },
        &mut || benchmarked(backend.server().unwrap(), &value),
    ]);
    let [ours, floor] = [0, 1].map(|side| rate(turns.rate(side, CYCLES)));
    section.row(vec!["create + answer by code".to_owned(), ours, floor, share(turns.share(0, 1))]);
    Some(section)
}

/// Returns the stored value of a new challenge.
async fn value() -> String {
    let trace = Trace::of(Operation::Create, 1).await;
    let put = |step| match step {
        Step::Commit(batch) => batch.into_parts().1.into_iter().find_map(|write| match write.then {
            Then::Put(record) => Some(record),
            _ => None,
        }),
        _ => None,
    };
    let record: Record = trace.calls.into_iter().flatten().find_map(put).unwrap();
    String::from_utf8(encode_for_redis(&Version::from_bytes([1; 16]), &record)).unwrap()
}

fn benchmarked(server: &RedisServer, value: &str) -> Duration {
    server.cli(&["FLUSHALL"]).unwrap();
    let script = server.cli(&["SCRIPT", "LOAD", SCRIPT]).unwrap();
    let [records, index, due, expires] =
        ["records", "index", "due", "expires"].map(|set| format!("challenges:{{000}}:{set}"));
    let field = format!("3:{}__rand_int__", "0".repeat(28));
    let each = |arguments: &[&str]| {
        let mut benchmark = Command::new("redis-benchmark");
        benchmark.args(["-p", &server.port().to_string(), "-c", "4", "-P", "16", "-n", &REQUESTS.to_string()]);
        benchmark.args(["-r", "1000000000", "--csv"]).args(arguments);
        let output = String::from_utf8(benchmark.output().unwrap().stdout).unwrap();
        // The line ends with the rate and six latencies. Parse from the end, because the name contains the request.
        let mut numbers = output.lines().last().unwrap().rsplit("\",\"");
        let a_second: f64 = numbers.nth(6).unwrap().parse().unwrap();
        Duration::from_secs_f64(1.0 / a_second)
    };
    let commit = each(&["EVALSHA", &script, "4", &records, &index, &due, &expires, &value[..32], &field, "", value]);
    let read = each(&["HGET", &records, &field]);
    (2 * commit + read) * CYCLES as u32
}
