//! Crashes of a server that writes an append-only file, under load.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, Owner, State};
use challenges_redis::RedisStore;
use challenges_testkit::redis::RedisServer;

use crate::ledger::{Audit, Writers, audit, key};
use crate::service::KEYS;

const CODE: ChallengeType = ChallengeType::Code;
const AOF: [&str; 4] = ["--appendonly", "yes", "--appendfsync", "always"];

fn rounds() -> usize {
    if std::env::var_os("CHALLENGES_FULL").is_some() { 1_000 } else { 5 }
}

/// R56: what was acknowledged is there, once, and what met a conflict is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r56_kill_9_loses_nothing_that_was_acknowledged() {
    let mut server = RedisServer::start(&AOF).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    let mut acknowledged = 0;
    for round in 0..rounds() as u64 {
        // Records of their own, lest they grow for ever.
        let writers = Writers::start(&store, &[key(0, round), key(500, round), key(1_023, round)]);
        writers.progress(40).await;
        server.kill();
        server.restart().unwrap();
        writers.progress(10).await;
        let told = writers.stop().await;
        assert_eq!(audit(&store, &told).await, Audit::default(), "round {round}");
        acknowledged += told.iter().map(|(_, told)| told.applied.len()).sum::<usize>();
    }
    println!("{} crashes, {acknowledged} acknowledged writes, none lost, none doubled", rounds());
}

/// R56, R1: callers that give the right answer until the challenge is over, while the server crashes among them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r56_no_answer_is_accepted_twice_across_crashes() {
    let mut server = RedisServer::start(&AOF).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    let challenges = Challenges::builder(store, KEYS.parse().unwrap()).build().await.unwrap();
    let owner = Owner::user("alice").unwrap();
    for round in 0..rounds() {
        let spec = ChallengeSpec::new(CODE).unwrap();
        let created = challenges.create_challenge(owner.clone(), spec).await.unwrap();
        let (id, code) = (created.challenge.id(), created.code.unwrap());
        let accepted = Arc::new(AtomicUsize::new(0));
        let callers: Vec<_> = (0..8)
            .map(|_| {
                let (challenges, accepted) = (challenges.clone(), Arc::clone(&accepted));
                let code = code.expose().to_owned();
                tokio::spawn(async move {
                    // Whoever is not told yes or no asks again.
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
        let stored = challenges.challenge(id).await.unwrap();
        assert_eq!(stored.state(), State::ChallengePassed);
        let accepted = accepted.load(Ordering::SeqCst);
        assert!(accepted <= 1, "round {round}: {accepted} callers were accepted");
    }
}
