//! Code challenges on Redis, compared with `redis-benchmark`, which sends hand-written scripts from C.

use std::process::Command;
use std::time::{Duration, Instant};

use challenges_core::store::{Kind, Record, Write};
use challenges_proofs::redis::RedisServer;
use challenges_redis::RedisOptions;

use crate::arguments::Arguments;
use crate::backend::{REDIS_SERVER, redis_scripts};
use crate::callers::{self, MANY};
use crate::host::Host;
use crate::measure::{Runs, alternate};
use crate::operation::{Operation, Size};
use crate::report::{Section, rate, share};
use crate::trace::{Step, Trace};
use crate::unstored::cycle;

const CYCLES: usize = 2_048;

/// Requests per `redis-benchmark` run.
const REQUESTS: usize = 20_000;

/// The stored version of all records. The floor writes the same again, so that every comparison holds.
const VERSION: &str = "11111111111111111111111111111111";

/// Replaced by a number in each request.
const RANDOM: &str = "__rand_int__";

pub(crate) fn run(arguments: &Arguments) -> Option<Section> {
    if !arguments.wants("redis create + answer beside redis-benchmark") {
        return None;
    }
    let about = "Create and answer by code, 64 callers: two loads and two commits, each a round trip. Floor: \
                 `redis-benchmark -P 16 -c 4` with the same loads and commits, as hand-written scripts over the same bytes.";
    let header = ["", "a second", "floor", "of the floor"];
    let mut section = Section::new("Beside redis-benchmark", about, &header);
    let server = RedisServer::start(&REDIS_SERVER).map_err(|error| error.to_string()).unwrap();
    let runtime = callers::runtime(MANY);
    let [created, answered, counters] = runtime.block_on(bodies());
    let (effort, mut opened) = (arguments.effort(), 0);
    let runs = Runs::of(effort.runs, |_| {
        server.cli(&["FLUSHALL"]).unwrap();
        opened += 1;
        let floor = Floor::new(&server, &created, &answered, &counters);
        let host = runtime.block_on(async {
            let store = RedisOptions::new().prefix(format!("challenges{opened}")).open(&server.url()).await.unwrap();
            Host::new(store).await
        });
        alternate(
            effort.slices.div_ceil(2),
            [
                &mut || {
                    let host = host.clone();
                    runtime.block_on(async {
                        let work = move |number| {
                            let host = host.clone();
                            async move { cycle(&host, number).await }
                        };
                        let start = Instant::now();
                        callers::all(MANY, (0..CYCLES).collect(), work).await;
                        start.elapsed()
                    })
                },
                &mut || floor.cycles(CYCLES),
            ],
        )
    });
    let [ours, floor] = [0, 1].map(|side| rate(runs.rate(side, CYCLES)));
    section.row(vec!["create + answer by code".to_owned(), ours, floor, share(runs.share(0, 1))]);
    Some(section)
}

/// Returns the bodies of a new challenge, an answered challenge, and the counters.
async fn bodies() -> [String; 3] {
    let size = Size { slices: 1, each: 1 };
    let (created, answered) =
        (Trace::of(Operation::Create, size).await, Trace::of(Operation::AnswerByCode, size).await);
    let put = |trace: &Trace, kind: Kind| {
        let commit = |step: &Step| if let Step::Commit(batch) = step { Some(batch.clone()) } else { None };
        let writes = trace.calls.iter().flatten().filter_map(commit).flat_map(|batch| batch.into_parts().1);
        let mut puts =
            writes.filter_map(|write| if let Write::Put { record, .. } = write { Some(record) } else { None });
        let record: Record = puts.find(|record| record.key.kind == kind).unwrap();
        String::from_utf8(record.body.to_vec()).unwrap()
    };
    [put(&created, Kind::Challenge), put(&answered, Kind::Challenge), put(&created, Kind::Counters)]
}

/// The requests of a cycle, as arguments of `redis-benchmark`.
struct Floor<'a> {
    server: &'a RedisServer,
    requests: [Vec<String>; 4],
}

impl<'a> Floor<'a> {
    fn new(server: &'a RedisServer, created: &str, answered: &str, counters: &str) -> Self {
        let [commit, load] =
            [redis_scripts::COMMIT, redis_scripts::LOAD].map(|script| server.cli(&["SCRIPT", "LOAD", script]).unwrap());
        let (id, time) = ("0".repeat(40), "1700000000000");
        let value = |body: &str| format!("{VERSION}{body}");
        for (hash, body) in [("challenge", answered), ("counters", counters)] {
            server.cli(&["HSET", hash, &id, &value(body)]).unwrap();
        }
        let write = |hash: &str, field: &str, expect: &str, body: &str| {
            (hash.to_owned(), [field.to_owned(), expect.to_owned(), value(body), time.to_owned(), String::new()])
        };
        let commit = |writes: [(String, [String; 5]); 2]| {
            let keys = writes.iter().map(|(hash, _)| hash.clone());
            let head = ["EVALSHA", commit.trim(), "4", "expires", "due"].map(str::to_owned);
            head.into_iter().chain(keys).chain(writes.iter().flat_map(|(_, arguments)| arguments.clone())).collect()
        };
        let new = format!("{}{RANDOM}", "0".repeat(28));
        let of_user = write("counters", &id, VERSION, counters);
        let load_both = ["EVALSHA", load.trim(), "2", "challenge", "counters", &id].map(str::to_owned).to_vec();
        let requests = [
            ["HGETALL", "counters"].map(str::to_owned).to_vec(),
            commit([write(&format!("challenge{RANDOM}"), &new, "", created), of_user.clone()]),
            load_both,
            commit([write("challenge", &id, VERSION, answered), of_user]),
        ];
        Self { server, requests }
    }

    /// Returns the time of as many cycles, at the rate of each request.
    fn cycles(&self, count: usize) -> Duration {
        self.requests.iter().map(|request| self.each(request)).sum::<Duration>() * u32::try_from(count).unwrap()
    }

    fn each(&self, request: &[String]) -> Duration {
        let mut benchmark = Command::new("redis-benchmark");
        benchmark.args(["-p", &self.server.port().to_string(), "-c", "4", "-P", "16", "-n", &REQUESTS.to_string()]);
        benchmark.args(["-r", "1000000000", "--csv"]).args(request);
        let output = String::from_utf8(benchmark.output().unwrap().stdout).unwrap();
        // The line ends with the rate and six latencies. Parse from the end, because the name contains the request.
        let mut numbers = output.lines().last().unwrap().rsplit("\",\"");
        let a_second: f64 = numbers.nth(6).unwrap().parse().unwrap();
        Duration::from_secs_f64(1.0 / a_second)
    }
}
