//! Many checks at once, and lost replies.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use challenges_core::{Challenges, Store, Timestamp};
use challenges_memory::MemoryStore;
use challenges_proofs::explore::{Explored, Explorer, Trial, Violation};
use challenges_testkit::{Defect, DefectiveStore, FakeClock, Yielding};

use super::{STOLEN, check, listed, policy, trust};
use crate::harness::{Recorder, START, service};

/// Checks a cookie 256 times at once. Returns the distinct new cookies, and the number of refusals.
async fn race(challenges: &Challenges, cookie: &str) -> (BTreeSet<String>, usize) {
    let tasks: Vec<_> = (0..256)
        .map(|_| {
            let (challenges, cookie) = (challenges.clone(), cookie.to_owned());
            tokio::spawn(async move { check(&challenges, &cookie).await })
        })
        .collect();
    let (mut cookies, mut refused) = (BTreeSet::new(), 0);
    for task in tasks {
        match task.await.unwrap() {
            Some(next) => drop(cookies.insert(next)),
            None => refused += 1,
        }
    }
    (cookies, refused)
}

/// The result of 256 checks of the present cookie, and then of 256 checks of the replaced one.
#[derive(Debug, PartialEq, Eq)]
struct Raced {
    new_cookies: usize,
    refused: usize,
    accepted_late: usize,
    thefts: usize,
}

async fn races(store: impl Store) -> Raced {
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let seen = Arc::new(Recorder::default());
    let challenges = service(Yielding::new(store), policy(), clock.clone(), seen.clone()).await;
    let (_, first) = trust(&challenges, "alice").await;
    let (cookies, refused) = race(&challenges, &first).await;
    clock.advance(Duration::from_secs(31));
    seen.take();
    let (late, _) = race(&challenges, &first).await;
    let thefts = seen.take().into_iter().filter(|seen| *seen == STOLEN).count();
    Raced { new_cookies: cookies.len(), refused, accepted_late: late.len(), thefts }
}

/// R70: within the grace, 256 requests with one cookie receive one new cookie. After the grace one of 256 finds the theft.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_checks_receive_one_new_cookie() {
    let expected = Raced { new_cookies: 1, refused: 0, accepted_late: 0, thefts: 1 };
    assert_eq!(races(MemoryStore::new()).await, expected);
}

/// R70: negative control. A store that checks versions first and writes later finds one theft many times.
#[tokio::test]
async fn control_late_writes_find_a_theft_twice() {
    let expected = Raced { new_cookies: 1, refused: 0, accepted_late: 0, thefts: 1 };
    assert_eq!(races(MemoryStore::new()).await, expected);
    let control = races(DefectiveStore::new(Defect::ChecksThenWrites)).await;
    assert!(control.thefts > 1, "{control:?}");
}

/// Two tabs and a repetition, in every order of calls. Whatever fails, the browser goes on with some received cookie.
fn two_tabs(faults: usize, store: impl Fn() -> DefectiveStore) -> Result<Explored, Violation> {
    Explorer::new(faults).run(async |scheduler| {
        let clock = FakeClock::at(Timestamp::from_seconds(START));
        let challenges = service(scheduler.gate(Arc::new(store())), policy(), clock.clone(), ()).await;
        let (_, cookie) = trust(&challenges, "alice").await;
        let (after, first) = (challenges.clone(), cookie.clone());
        let mut trial = Trial::new(move |replies: Vec<Option<Option<String>>>| async move {
            // The browser repeats the request after errors and crashes, within the grace.
            let mut received: BTreeSet<_> = replies.into_iter().flatten().flatten().collect();
            received.extend(check(&after, &first).await);
            clock.advance(Duration::from_secs(3_600));
            let [last] = &Vec::from_iter(received)[..] else { return Err("no single cookie".to_owned()) };
            let goes_on = check(&after, last).await.is_some() && listed(&after, "alice").await == 1;
            if goes_on { Ok(()) } else { Err("the browser lost the trust".to_owned()) }
        });
        for _ in 0..2 {
            let (challenges, cookie) = (challenges.clone(), cookie.clone());
            trial.task(async move {
                let purpose = super::login();
                let owner = crate::harness::owner("alice");
                let checked = challenges.devices().check(&owner, &cookie.into(), &purpose).await;
                checked.ok().flatten().map(|(_, next)| next.expose().to_owned())
            });
        }
        trial
    })
}

/// R70, R9: in every order of calls, with up to one fault.
#[test]
fn browser_survives_lost_replies() {
    let explored = two_tabs(1, DefectiveStore::sound).unwrap_or_else(|violation| panic!("{violation}"));
    println!("two tabs of a trusted browser: {} schedules", explored.schedules);
}
