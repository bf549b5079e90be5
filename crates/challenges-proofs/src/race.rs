//! Processes of a test: the test starts its own binary several times, and the children write at the same time.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a failed check of a test")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use challenges_core::store::{Batch, Commit, Key, Load, Record, Write};
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, Decision, Owner, State, Store};

use crate::ledger::key;

/// The key ring of the services under test.
pub const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// The number of processes of a race.
const PROCESSES: u8 = 16;

const URL: &str = "CHALLENGES_RACE_URL";
const ID: &str = "CHALLENGES_RACE_ID";
const CODE: &str = "CHALLENGES_RACE_CODE";
const RECORDS: u16 = 50;
const ROUNDS: usize = 3;

/// A test of the running binary, in a process of its own.
#[derive(Debug)]
pub struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Process {
    /// Starts the test.
    pub fn start(test: &str, variables: &[(&str, String)]) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--nocapture"]).envs(variables.iter().cloned());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// Starts the test several times. Lets all continue once each has called [`wait_for_go`].
    fn start_all(test: &str, variables: impl Fn(u8) -> Vec<(&'static str, String)>) -> Vec<Self> {
        let mut processes: Vec<_> = (0..PROCESSES).map(|number| Self::start(test, &variables(number))).collect();
        for process in &mut processes {
            process.line_with("ready");
        }
        for process in &mut processes {
            process.child.stdin.take().unwrap().write_all(b"go\n").unwrap();
        }
        processes
    }

    /// Returns the next line of the output that contains a word.
    pub fn line_with(&mut self, word: &str) -> String {
        (&mut self.output).lines().map(Result::unwrap).find(|line| line.contains(word)).unwrap()
    }

    /// Waits for the success of the test.
    pub fn end(mut self) {
        assert!(self.child.wait().unwrap().success());
    }

    /// Kills the process immediately, and returns the rest of the output.
    pub fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.output.lines().map(Result::unwrap).collect()
    }
}

/// Tells the test that started this process that the race may begin, and waits for the other processes.
fn wait_for_go() {
    println!("ready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// Lets processes open the store and create the same records at the same time. Of each record, one process must have
/// created the record.
///
/// `child` is the name of a test that calls [`child_creates`].
pub fn create(child: &str, url: &str, open: impl AsyncFn(&str) -> Arc<dyn Store>) {
    let children = Process::start_all(child, |number| vec![(URL, url.to_owned()), (ID, number.to_string())]);
    let mut winners: BTreeMap<u16, Vec<u8>> = BTreeMap::new();
    for (process, mut child) in (0..).zip(children) {
        let line = child.line_with("won:");
        for number in line.split_whitespace().skip_while(|word| *word != "won:").skip(1) {
            winners.entry(number.parse().unwrap()).or_default().push(process);
        }
        child.end();
    }
    runtime().block_on(async {
        let store = open(url).await;
        for number in 0..RECORDS {
            let key = record(number);
            let by = store.load(&Load::key(key)).await.unwrap().pop().unwrap().record.body.to_vec();
            assert_eq!(winners.get(&number), Some(&by), "record {number}");
        }
    });
}

/// Creates records in a process of [`create`]. Does nothing elsewhere.
pub async fn child_creates(open: impl AsyncFn(&str) -> Arc<dyn Store>) {
    let Ok(url) = std::env::var(URL) else { return };
    let process: u8 = std::env::var(ID).unwrap().parse().unwrap();
    let store = open(&url).await;
    wait_for_go();
    let mut won = String::new();
    for number in 0..RECORDS {
        let record = Record { key: record(number), due: None, expires: None, body: vec![process].into() };
        let version = [process + 1; 16];
        let create = Batch::new(version, vec![Write::create(record)]).unwrap();
        if store.commit(create).await.unwrap() == Commit::Applied {
            won += &format!(" {number}");
        }
    }
    println!("won:{won}");
}

/// Returns the key of a record in a shard of its own.
fn record(number: u16) -> Key {
    key(number * 20, number.into())
}

/// Lets processes answer the same challenge at the same time. One must pass.
///
/// `child` is the name of a test that calls [`child_answers`].
pub fn answer(child: &str, url: &str, open: impl AsyncFn(&str) -> Arc<dyn Store>) {
    let runtime = runtime();
    let challenges = runtime.block_on(service(url, open));
    for _ in 0..ROUNDS {
        let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
        let created = runtime.block_on(challenges.create(Owner::user("alice").unwrap(), spec)).unwrap();
        let (id, code) = (created.challenge.id(), created.code.unwrap());
        let variables = [(URL, url.to_owned()), (ID, id.to_string()), (CODE, code.expose().to_owned())];
        let mut winners = 0;
        for mut child in Process::start_all(child, |_| variables.to_vec()) {
            winners += usize::from(child.line_with("passed:").contains("true"));
            child.end();
        }
        assert_eq!(winners, 1);
        assert_eq!(runtime.block_on(challenges.get(id)).unwrap().state(), State::ChallengePassed);
    }
}

/// Answers in a process of [`answer`]. Does nothing elsewhere.
pub async fn child_answers(open: impl AsyncFn(&str) -> Arc<dyn Store>) {
    let (Ok(url), Ok(id), Ok(code)) = (std::env::var(URL), std::env::var(ID), std::env::var(CODE)) else { return };
    let challenges = service(&url, open).await;
    let id = id.parse().unwrap();
    wait_for_go();
    let outcome = challenges.answer(Answer::allow(id, ChallengeType::Code, code)).await;
    println!("passed: {}", matches!(outcome, Ok(Decision::Passed(_))));
}

async fn service(url: &str, open: impl AsyncFn(&str) -> Arc<dyn Store>) -> Challenges {
    Challenges::builder(open(url).await, KEYS.parse().unwrap()).build().await.unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}
