#![allow(clippy::panic, clippy::unwrap_used, reason = "a failed check of a test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, Owner, State, Store};

use super::ServerError;
use crate::accounts::{self, Journal};
use crate::ledger::{Audit, TIME_LIMIT, Writers, audit, key};

const CODE: ChallengeType = ChallengeType::Code;

/// A server that a test crashes.
pub trait Server {
    /// Kills the server immediately, like a crash. The files remain.
    fn kill(&mut self);

    /// Kills the server if it runs, starts it with the same files, and waits until the server replies.
    ///
    /// # Errors
    ///
    /// [`ServerError`] when the server does not start.
    fn restart(&mut self) -> Result<(), ServerError>;
}

/// Kills the server under load again and again. Every acknowledged write must be present once, and no conflicting write.
///
/// # Panics
///
/// When a check fails.
pub async fn kill_loop(server: &mut impl Server, store: &(impl Store + Clone), rounds: u64) {
    let mut acknowledged = 0;
    for round in 0..rounds {
        // New records in each round, because records grow with each write.
        let writers = Writers::start(store, &[key(0, round), key(500, round), key(1_023, round)]);
        writers.wait_for_commits(40).await;
        server.kill();
        server.restart().unwrap();
        writers.wait_for_commits(10).await;
        let outcomes = writers.stop().await;
        assert_eq!(audit(store, &outcomes).await, Audit::default(), "round {round}");
        acknowledged += outcomes.iter().map(|(_, outcomes)| outcomes.applied.len()).sum::<usize>();
    }
    println!("{rounds} crashes, {acknowledged} acknowledged writes, none lost, none applied twice");
}

/// Lets concurrent callers retry the right answer while the server crashes. At most one may be accepted.
///
/// # Panics
///
/// When a check fails.
pub async fn answer_loop(server: &mut impl Server, challenges: &Challenges, rounds: u64) {
    let owner = Owner::user("alice").unwrap();
    for round in 0..rounds {
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

/// Kills the server while accounts change. Every acknowledged change must be complete, and any other complete or absent.
///
/// # Panics
///
/// When a check fails.
pub async fn account_loop(server: &mut impl Server, challenges: &Challenges, rounds: u64) {
    for round in 0..rounds {
        let journal = Journal::default();
        let lives: Vec<_> = (0..4)
            .map(|task| {
                let (challenges, journal) = (challenges.clone(), journal.clone());
                tokio::spawn(async move {
                    for number in 0.. {
                        let user = format!("user-{round}-{task}-{number}");
                        match accounts::live(&challenges, &user, |step| journal.note(&user, step)).await {
                            Ok(()) => {}
                            Err(challenges_core::Error::Store(_)) => return,
                            Err(error) => panic!("{user}: {error:?}"),
                        }
                    }
                })
            })
            .collect();
        // Ends at another step in each round.
        let steps = 60 + usize::try_from(round).unwrap() % 16;
        wait_until(|| journal.len() >= steps).await;
        server.kill();
        for life in lives {
            life.await.unwrap();
        }
        server.restart().unwrap();
        let deadline = Instant::now() + TIME_LIMIT;
        while challenges.check().await.is_err() {
            assert!(Instant::now() < deadline, "the store does not answer");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        for (user, steps) in journal.users() {
            if let Err(error) = accounts::audit(challenges, &user, &steps).await {
                panic!("round {round}, {user}: {error:?} after {steps:?}");
            }
        }
    }
}

async fn wait_until(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + TIME_LIMIT;
    while !condition() {
        assert!(Instant::now() < deadline, "no more changes are acknowledged");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
