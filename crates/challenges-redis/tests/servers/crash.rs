//! Crashes under load, of a server with an append-only file.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, Owner, State};
use challenges_proofs::redis::RedisServer;
use challenges_redis::RedisStore;

use crate::service::KEYS;
use challenges_proofs::ledger::{Audit, Writers, audit, key};

const CODE: ChallengeType = ChallengeType::Code;
const AOF: [&str; 4] = ["--appendonly", "yes", "--appendfsync", "always"];

fn rounds() -> usize {
    if std::env::var_os("CHALLENGES_FULL").is_some() { 1_000 } else { 5 }
}

/// R56: every acknowledged write is present once, and no conflicting write is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_loses_no_acknowledged_write() {
    let mut server = RedisServer::start(&AOF).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    let mut acknowledged = 0;
    for round in 0..rounds() as u64 {
        // New records in each round, because records grow with each write.
        let writers = Writers::start(&store, &[key(0, round), key(500, round), key(1_023, round)]);
        writers.wait_for_commits(40).await;
        server.kill();
        server.restart().unwrap();
        writers.wait_for_commits(10).await;
        let outcomes = writers.stop().await;
        assert_eq!(audit(&store, &outcomes).await, Audit::default(), "round {round}");
        acknowledged += outcomes.iter().map(|(_, outcomes)| outcomes.applied.len()).sum::<usize>();
    }
    println!("{} crashes, {acknowledged} acknowledged writes, none lost, none applied twice", rounds());
}

/// R1, R56: concurrent callers retry the right answer while the server crashes, and at most one is accepted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answer_is_accepted_once_across_crashes() {
    let mut server = RedisServer::start(&AOF).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    let challenges = Challenges::builder(store, KEYS.parse().unwrap()).build().await.unwrap();
    let owner = Owner::user("alice").unwrap();
    for round in 0..rounds() {
        let spec = ChallengeSpec::new(CODE).unwrap();
        let created = challenges.create(owner.clone(), spec).await.unwrap();
        let (id, code) = (created.challenge.id(), created.code.unwrap());
        let accepted = Arc::new(AtomicUsize::new(0));
        let callers: Vec<_> = (0..8)
            .map(|_| {
                let (challenges, accepted) = (challenges.clone(), Arc::clone(&accepted));
                let code = code.expose().to_owned();
                tokio::spawn(async move {
                    // Retries after an unknown outcome.
                    loop {
                        match challenges.answer(Answer::allow(id, CODE, code.as_str())).await {
                            Ok(_) => drop(accepted.fetch_add(1, Ordering::SeqCst)),
                            Err(challenges_core::Error::Store(_)) => continue,
                            Err(_) => {}
                        }
                        return;
                    }
                })
            })
            .collect();
        server.kill();
        server.restart().unwrap();
        for caller in callers {
            caller.await.unwrap();
        }
        let stored = challenges.get(id).await.unwrap();
        assert_eq!(stored.state(), State::ChallengePassed);
        let accepted = accepted.load(Ordering::SeqCst);
        assert!(accepted <= 1, "round {round}: {accepted} callers were accepted");
    }
}
