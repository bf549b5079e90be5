//! Outbox dispatch on SQLite, with a process that is killed repeatedly (R52).
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::approvals::{HttpAction, OneTimeUseAction};
use challenges_core::outbox::{Errand, Failure, Job};
use challenges_core::store::{Key, Kind, StoreError};
use challenges_core::time::{Clock, SystemClock};
use challenges_core::{Answer, ChallengeId, Challenges, Courier, Error, KeyRing, Owner, State, Timeout};
use challenges_sqlite::SqliteStore;
use challenges_testkit::FakeClock;

const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// A receiver of actions. Each action is appended to a file as a line in a single write, so that the line outlives the
/// process. A kill can cut the write where a page of the file ends: a line without its last word is no performed action.
#[derive(Debug)]
struct Ledger(Mutex<File>);

impl Ledger {
    fn open(path: &Path) -> Self {
        let mut file = File::options().create(true).append(true).open(path).unwrap();
        if std::fs::read(path).unwrap().last().is_some_and(|byte| *byte != b'\n') {
            file.write_all(b"\n").unwrap();
        }
        Self(Mutex::new(file))
    }
}

#[async_trait]
impl Courier for Ledger {
    async fn perform(&self, job: &Job) -> Result<Option<u16>, Failure> {
        let Errand::Act { action, .. } = &job.errand else { unreachable!("nothing else is queued") };
        let line = format!("{} {} {} performed\n", job.id, job.challenge.unwrap(), action.uri());
        self.0.lock().unwrap().write_all(line.as_bytes()).unwrap();
        println!("performed");
        Ok(Some(200))
    }
}

async fn challenges(directory: &Path, clock: impl Clock) -> Challenges {
    let store = SqliteStore::open(directory.join("challenges.db")).unwrap();
    let keys: KeyRing = KEYS.parse().unwrap();
    Challenges::builder(store, keys).clock(clock).build().await.unwrap()
}

fn alice() -> Owner {
    Owner::user("alice").unwrap()
}

fn http(uri: &str) -> HttpAction {
    HttpAction::new("POST", uri).unwrap()
}

async fn decide(challenges: &Challenges, approve: bool) -> ChallengeId {
    decide_for(alice(), challenges, approve).await
}

async fn decide_for(owner: Owner, challenges: &Challenges, approve: bool) -> ChallengeId {
    let actor = Owner::in_tenant("org", "alice").unwrap();
    let mut action = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(86_400).unwrap());
    action.approved_actions = ["https://a.example/approved/0", "https://a.example/approved/1"].map(http).into();
    action.declined_actions = ["https://a.example/declined/0", "https://a.example/declined/1"].map(http).into();
    let created = challenges.actions().create(owner, action).await.unwrap();
    let (id, links) = (created.challenge.id(), &created.links[0]);
    let answer = match approve {
        true => Answer::approve_action(id, links.approve.expose()),
        false => Answer::decline_action(id, links.decline.expose()),
    };
    let _ = challenges.answer(answer).await.unwrap();
    id
}

/// Child process: decides challenges and dispatches their actions concurrently, until killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_decides_and_dispatches() {
    let Ok(directory) = std::env::var("DIRECTORY") else { return };
    let directory = Path::new(&directory);
    let challenges = challenges(directory, SystemClock).await;
    let deciding = challenges.clone();
    tokio::spawn(async move {
        for number in 0.. {
            println!("decided {}", decide(&deciding, number % 2 == 0).await);
        }
    });
    let ledger = Ledger::open(&directory.join("ledger"));
    loop {
        let woken = challenges.outbox().written();
        if challenges.outbox().dispatch(&ledger, 4).await.unwrap().performed == 0 {
            woken.await;
        }
    }
}

/// Kills a child after it has performed `effects` actions, and returns the challenges reported as decided.
fn run_and_kill(directory: &Path, effects: usize) -> Vec<ChallengeId> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child_decides_and_dispatches", "--nocapture"]).env("DIRECTORY", directory);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut said = Vec::new();
    let mut performed = 0;
    for line in lines.by_ref() {
        performed += usize::from(line == "performed");
        said.push(line);
        if performed == effects {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    said.extend(lines);
    assert!(performed == effects, "the child ended early: {said:?}");
    // A truncated last line does not parse.
    said.iter().filter_map(|line| line.strip_prefix("decided ")?.parse().ok()).collect()
}

/// R52: no kill loses an action, or runs an action of an undecided challenge.
#[tokio::test]
async fn actions_survive_kill_9() {
    let rounds = if std::env::var("CHALLENGES_FULL").is_ok() { 1_000 } else { 20 };
    let directory = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeSet::new();
    for round in 0..rounds {
        acknowledged.extend(run_and_kill(directory.path(), 1 + round % 7));
    }

    // Entries leased by killed children are due after their leases expire.
    let clock = FakeClock::at(SystemClock.now());
    clock.advance(Duration::from_secs(3_600));
    let challenges = challenges(directory.path(), clock).await;
    let ledger = Ledger::open(&directory.path().join("ledger"));
    while challenges.outbox().dispatch(&ledger, 100).await.unwrap().next.is_some() {}
    assert!(challenges.outbox().dead_letters(None, None, 10).await.unwrap().is_empty());

    let text = std::fs::read_to_string(directory.path().join("ledger")).unwrap();
    let mut effects: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    let lines: Vec<_> = text.lines().filter_map(|line| line.strip_suffix(" performed")).collect();
    for line in &lines {
        let [key, challenge, uri] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let first = *effects.entry(key).or_insert((challenge, uri));
        assert_eq!(first, (challenge, uri), "two actions share an idempotency key");
    }
    let duplicates = lines.len() - effects.len();
    let (mut decided, mut undecided, mut after) = (0, 0, None);
    loop {
        let page = challenges.list(&alice(), after, 500).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id());
        for challenge in &page {
            let id = challenge.id().to_string();
            let mut done: Vec<_> = effects.values().filter(|(of, _)| *of == id).map(|(_, uri)| *uri).collect();
            done.sort_unstable();
            let outcome = match challenge.state() {
                State::ChallengePassed => "approved",
                State::ChallengeDeclined => "declined",
                State::Issued => {
                    assert!(done.is_empty(), "actions of an undecided challenge ran");
                    assert!(!acknowledged.contains(&challenge.id()), "an acknowledged decision was lost");
                    undecided += 1;
                    continue;
                }
                other => panic!("unexpected state {other}"),
            };
            assert_eq!(done, [0, 1].map(|index| format!("https://a.example/{outcome}/{index}")));
            let results = challenges.actions().results(challenge.id()).await.unwrap();
            assert_eq!(results.iter().filter(|result| result.performed).count(), 2);
            assert_eq!(results.iter().map(|result| result.entry).collect::<Vec<_>>(), challenge.action_entries());
            acknowledged.remove(&challenge.id());
            decided += 1;
        }
    }
    assert!(acknowledged.is_empty(), "acknowledged challenges were lost");
    assert!(decided >= rounds / 2 && effects.len() == 2 * decided);
    println!(
        "{rounds} kills: {decided} decided, {undecided} undecided, {} actions, {duplicates} duplicates",
        effects.len()
    );
}

/// R52: corrupt rows, also in many shards, block only entries of their own shards. The error is reported after all others
/// were performed.
#[tokio::test]
async fn corrupt_entries_block_no_other_shard() {
    const USERS: usize = 24;

    for damaged in [1, 8] {
        let directory = tempfile::tempdir().unwrap();
        let challenges = challenges(directory.path(), SystemClock).await;
        for number in 0..USERS {
            decide_for(Owner::user(format!("user{number}")).unwrap(), &challenges, true).await;
        }
        let database = rusqlite::Connection::open(directory.path().join("challenges.db")).unwrap();
        let mut statement = database.prepare("SELECT id FROM records WHERE due IS NOT NULL ORDER BY due, id").unwrap();
        let ids: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let shard = |id: &String| Key::new(Kind::Outbox, id.parse().unwrap()).shard();
        let damage = "UPDATE records SET version = x'00' WHERE due IS NOT NULL AND id = ?1";
        // Two entries of each user, one after the other.
        let rows: Vec<_> = ids.iter().step_by(2).take(damaged).collect();
        for id in &rows {
            assert_eq!(database.execute(damage, [id]).unwrap(), 1);
        }
        let shards: BTreeSet<_> = rows.into_iter().map(shard).collect();
        let expected = ids.iter().filter(|id| !shards.contains(&shard(id))).count();
        assert!(expected > 0, "control");
        let listed = challenges.outbox().list(None, None, 500).await;
        assert!(matches!(listed, Err(Error::Store(StoreError::Corrupt(_)))), "control: {listed:?}");
        let ledger = Ledger::open(&directory.path().join("ledger"));
        let mut performed = 0;
        // Searches start at random shards, so each finds a part.
        for _ in 0..1_000 {
            match challenges.outbox().due(100).await {
                Ok(due) => {
                    for entry in due {
                        challenges.outbox().attempt(&entry, &ledger).await.unwrap();
                        performed += 1;
                    }
                }
                Err(Error::Store(StoreError::Corrupt(_))) if performed == expected => break,
                Err(fault) => assert!(matches!(fault, Error::Store(StoreError::Corrupt(_))), "{fault:?}"),
            }
        }
        assert_eq!(performed, expected, "the actions of every other shard are performed, {damaged}");
    }
}
