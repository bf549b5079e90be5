//! Several processes on a single server.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use challenges_core::store::{Batch, Commit, Expect, Load, Record, Version, Write};
use challenges_core::{
    Answer, ChallengeId, ChallengeSpec, ChallengeType, Challenges, Decision, Owner, State, Store as _,
};
use challenges_proofs::redis::RedisServer;
use challenges_redis::RedisStore;

use crate::service::KEYS;
use challenges_proofs::ledger::key;

const URL: &str = "CHALLENGES_REDIS_URL";
const ID: &str = "CHALLENGES_REDIS_ID";
const CODE: &str = "CHALLENGES_REDIS_CODE";
const PROCESSES: u8 = 8;
const RECORDS: u64 = 50;

struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(test: &str, variables: &[(&str, String)]) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--nocapture"]).envs(variables.iter().cloned());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut process = Self { child, output };
        process.line_with("ready");
        process
    }

    fn go(&mut self) {
        self.child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    }

    fn line_with(&mut self, word: &str) -> String {
        self.output.by_ref().lines().map(Result::unwrap).find(|line| line.contains(word)).unwrap()
    }

    fn end(mut self) {
        assert!(self.child.wait().unwrap().success());
    }
}

fn wait_for_go() {
    println!("ready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// R1: of eight processes that create the same record, one succeeds.
#[test]
fn only_one_process_creates_each_record() {
    let server = RedisServer::start(&[]).unwrap();
    let child =
        |process: u8| Process::start("processes::child_creates", &[(URL, server.url()), (ID, process.to_string())]);
    let mut children: Vec<_> = (0..PROCESSES).map(child).collect();
    children.iter_mut().for_each(Process::go);
    let mut winners: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    for (process, mut child) in (0..).zip(children) {
        let line = child.line_with("won:");
        for number in line.split_whitespace().skip_while(|word| *word != "won:").skip(1) {
            winners.entry(number.parse().unwrap()).or_default().push(process);
        }
        child.end();
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = RedisStore::open(&server.url()).await.unwrap();
        for number in 0..RECORDS {
            let key = key(number as u16 * 20, number);
            let by = store.load(&Load::key(key)).await.unwrap().find(key).unwrap().record.body.to_vec();
            assert_eq!(winners.get(&number), Some(&by), "record {number}");
        }
    });
}

#[tokio::test]
async fn child_creates() {
    let Ok(url) = std::env::var(URL) else { return };
    let process: u8 = std::env::var(ID).unwrap().parse().unwrap();
    let store = RedisStore::open(&url).await.unwrap();
    wait_for_go();
    let mut won = String::new();
    for number in 0..RECORDS {
        let record =
            Record { key: key(number as u16 * 20, number), due: None, expires: None, body: vec![process].into() };
        let version = Version::from_bytes([process + 1; 16]);
        let create = Batch::new(version, vec![Write::put(Expect::Absent, record)]).unwrap();
        if store.commit(create).await.unwrap() == Commit::Applied {
            won += &format!(" {number}");
        }
    }
    println!("won:{won}");
}

/// R1: of eight processes that answer at once, one passes.
#[test]
fn only_one_of_eight_processes_passes() {
    let server = RedisServer::start(&[]).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let challenges = runtime.block_on(service(&server.url()));
    for _ in 0..3 {
        let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
        let created = runtime.block_on(challenges.create(Owner::user("alice").unwrap(), spec)).unwrap();
        let (id, code) = (created.challenge.id(), created.code.unwrap());
        let variables = [(URL, server.url()), (ID, id.to_string()), (CODE, code.expose().to_owned())];
        let child = |_| Process::start("processes::child_answers", &variables);
        let mut children: Vec<_> = (0..PROCESSES).map(child).collect();
        children.iter_mut().for_each(Process::go);
        let mut winners = 0;
        for mut child in children {
            winners += usize::from(child.line_with("passed:").contains("true"));
            child.end();
        }
        assert_eq!(winners, 1);
        assert_eq!(runtime.block_on(challenges.get(id)).unwrap().state(), State::ChallengePassed);
    }
}

#[tokio::test]
async fn child_answers() {
    let (Ok(url), Ok(id), Ok(code)) = (std::env::var(URL), std::env::var(ID), std::env::var(CODE)) else { return };
    let challenges = service(&url).await;
    let id: ChallengeId = id.parse().unwrap();
    wait_for_go();
    let outcome = challenges.answer(Answer::allow(id, ChallengeType::Code, code)).await;
    println!("passed: {}", matches!(outcome, Ok(Decision::Passed(_))));
}

async fn service(url: &str) -> Challenges {
    let store = RedisStore::open(url).await.unwrap();
    Challenges::builder(store, KEYS.parse().unwrap()).build().await.unwrap()
}
