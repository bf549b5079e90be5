//! The dispatcher on a tokio runtime: immediate starts, no blocking, no lost entries.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::approvals::{HttpAction, OneTimeUseAction};
use challenges_core::outbox::{Errand, Failure, Job};
use challenges_core::{Answer, Challenges, Courier, KeyRing, Owner, Timeout};
use challenges_delivery::Dispatcher;
use challenges_memory::MemoryStore;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;

const LONG: Duration = Duration::from_secs(60);
const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// Reports each performed action. Waits for a permit at `/slow`, and panics at `/panic`.
#[derive(Debug)]
struct ReportingCourier {
    performed: mpsc::UnboundedSender<String>,
    slow: Arc<Semaphore>,
}

#[async_trait]
impl Courier for ReportingCourier {
    async fn perform(&self, job: &Job) -> Result<Option<u16>, Failure> {
        let Errand::Act { action, .. } = &job.errand else { panic!("only actions are queued here") };
        let path = action.uri().rsplit('/').next().unwrap().to_owned();
        match path.as_str() {
            "slow" => drop(self.slow.acquire().await.unwrap()),
            "panic" => panic!("a courier that panics"),
            _ => {}
        }
        self.performed.send(path).unwrap();
        Ok(Some(200))
    }
}

struct Host {
    challenges: Challenges,
    performed: mpsc::UnboundedReceiver<String>,
    slow: Arc<Semaphore>,
}

async fn service(store: MemoryStore) -> Challenges {
    Challenges::builder(store, KEYS.parse::<KeyRing>().unwrap()).build().await.unwrap()
}

impl Host {
    async fn new() -> (Self, ReportingCourier) {
        let (sender, performed) = mpsc::unbounded_channel();
        let slow = Arc::new(Semaphore::new(0));
        let courier = ReportingCourier { performed: sender, slow: Arc::clone(&slow) };
        (Self { challenges: service(MemoryStore::new()).await, performed, slow }, courier)
    }

    async fn next(&mut self) -> String {
        timeout(LONG, self.performed.recv()).await.unwrap().unwrap()
    }
}

/// Decides a one-time-use action with an HTTP action for each path.
async fn decide(challenges: &Challenges, paths: &[&str]) {
    let actor = Owner::in_tenant("org", "ann").unwrap();
    let action = |path: &&str| HttpAction::new("POST", format!("https://hooks.example.org/{path}")).unwrap();
    let mut wanted = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(600).unwrap());
    wanted.approved_actions = paths.iter().map(action).collect();
    let created = challenges.actions().create(Owner::user("ann").unwrap(), wanted).await.unwrap();
    let secret = created.links.first().unwrap().approve.expose();
    let answer = Answer::approve_action(created.challenge.id(), secret);
    assert!(challenges.answer(answer).await.unwrap().passed().is_some());
}

#[tokio::test]
async fn slow_receiver_does_not_delay_new_entries() {
    let (mut host, courier) = Host::new().await;
    let running = Dispatcher::new(host.challenges.clone(), courier).poll(LONG).spawn();
    decide(&host.challenges, &["slow"]).await;
    for number in 0..5 {
        let path = format!("quick-{number}");
        decide(&host.challenges, &[&path]).await;
        assert_eq!(host.next().await, path);
    }
    host.slow.add_permits(1);
    assert_eq!(host.next().await, "slow");
    running.stop().await;
    assert!(host.challenges.outbox().list(None, None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn extreme_poll_intervals_are_clamped() {
    for poll in [Duration::ZERO, Duration::from_millis(1), Duration::MAX] {
        let (mut host, courier) = Host::new().await;
        let running = Dispatcher::new(host.challenges.clone(), courier).poll(poll).spawn();
        decide(&host.challenges, &["slow"]).await;
        for path in ["first", "second"] {
            decide(&host.challenges, &[path]).await;
            assert_eq!(host.next().await, path, "{poll:?}");
        }
        host.slow.add_permits(1);
        assert_eq!(host.next().await, "slow");
        running.stop().await;
    }
}

#[tokio::test]
async fn dropping_the_handle_keeps_dispatcher_running() {
    let (mut host, courier) = Host::new().await;
    drop(Dispatcher::new(host.challenges.clone(), courier).poll(LONG).spawn());
    for path in ["first", "second", "third"] {
        decide(&host.challenges, &[path]).await;
        assert_eq!(host.next().await, path);
    }
}

/// Decides the next action of a countdown while performing the current one.
#[derive(Debug)]
struct Chain {
    challenges: Challenges,
    performed: mpsc::UnboundedSender<String>,
}

#[async_trait]
impl Courier for Chain {
    async fn perform(&self, job: &Job) -> Result<Option<u16>, Failure> {
        let Errand::Act { action, .. } = &job.errand else { panic!("only actions are queued here") };
        let number: u32 = action.uri().rsplit('/').next().unwrap().parse().unwrap();
        if let Some(next) = number.checked_sub(1) {
            decide(&self.challenges, &[&next.to_string()]).await;
        }
        self.performed.send(number.to_string()).unwrap();
        Ok(Some(200))
    }
}

/// A commit and the end of an attempt reach the dispatcher at the same moment.
#[tokio::test]
async fn commit_during_completion_is_not_missed() {
    const LENGTH: u32 = 30;

    let (mut host, courier) = Host::new().await;
    let chain = Chain { challenges: host.challenges.clone(), performed: courier.performed };
    let running = Dispatcher::new(host.challenges.clone(), chain).poll(Duration::from_secs(86_400)).spawn();
    decide(&host.challenges, &[&LENGTH.to_string()]).await;
    for number in (0..=LENGTH).rev() {
        assert_eq!(host.next().await, number.to_string());
    }
    running.stop().await;
}

#[tokio::test]
async fn parallel_attempts_stay_within_the_limit() {
    let (mut host, courier) = Host::new().await;
    let two = NonZeroUsize::new(2).unwrap();
    let running = Dispatcher::new(host.challenges.clone(), courier).concurrency(two).poll(LONG).spawn();
    decide(&host.challenges, &["slow", "slow"]).await;
    // No entry is due as soon as both are leased.
    timeout(LONG, async {
        while !host.challenges.outbox().due(10).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    decide(&host.challenges, &["quick"]).await;
    assert!(host.performed.try_recv().is_err());
    host.slow.add_permits(2);
    let performed: BTreeSet<_> = [host.next().await, host.next().await, host.next().await].into();
    assert_eq!(performed, BTreeSet::from(["quick".to_owned(), "slow".to_owned()]));
    running.stop().await;
}

/// All entries of a page may start at once, although more entries are due.
#[tokio::test]
async fn further_pages_are_read_without_polling() {
    const ACTIONS: usize = 600;

    let (mut host, courier) = Host::new().await;
    for _ in 0..ACTIONS / 10 {
        decide(&host.challenges, &["quick"; 10]).await;
    }
    let many = NonZeroUsize::new(1_000).unwrap();
    let day = Duration::from_secs(86_400);
    let running = Dispatcher::new(host.challenges.clone(), courier).concurrency(many).poll(day).spawn();
    for _ in 0..ACTIONS {
        host.next().await;
    }
    running.stop().await;
}

#[tokio::test]
async fn panicking_courier_ends_only_its_attempt() {
    let (mut host, courier) = Host::new().await;
    let running = Dispatcher::new(host.challenges.clone(), courier).spawn();
    decide(&host.challenges, &["panic"]).await;
    decide(&host.challenges, &["quick"]).await;
    assert_eq!(host.next().await, "quick");
    running.stop().await;
    assert!(host.challenges.outbox().next_due().await.unwrap().is_some(), "the entry is due again after its lease");
}

#[tokio::test]
async fn stop_waits_for_running_attempts() {
    let (mut host, courier) = Host::new().await;
    let running = Dispatcher::new(host.challenges.clone(), courier).spawn();
    decide(&host.challenges, &["slow", "quick"]).await;
    assert_eq!(host.next().await, "quick");
    let mut stopping = Box::pin(running.stop());
    assert!(futures::poll!(&mut stopping).is_pending());
    host.slow.add_permits(1);
    timeout(LONG, stopping).await.unwrap();
    assert_eq!(host.next().await, "slow");
    assert_eq!(host.challenges.outbox().next_due().await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_dispatchers_perform_each_entry_once() {
    const ACTIONS: usize = 300;
    let store = MemoryStore::new();
    let elsewhere = service(store.clone()).await;
    let (sender, mut performed) = mpsc::unbounded_channel();
    let running: Vec<_> = [service(store.clone()).await, service(store).await]
        .into_iter()
        .map(|challenges| {
            let courier = ReportingCourier { performed: sender.clone(), slow: Arc::new(Semaphore::new(0)) };
            Dispatcher::new(challenges, courier).poll(Duration::from_millis(20)).spawn()
        })
        .collect();
    let paths: Vec<String> = (0..ACTIONS).map(|number| format!("n{number}")).collect();
    for paths in paths.chunks(10) {
        decide(&elsewhere, &paths.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }
    let mut seen = Vec::new();
    while seen.len() < ACTIONS {
        seen.push(timeout(LONG, performed.recv()).await.unwrap().unwrap());
    }
    for running in running {
        running.stop().await;
    }
    assert!(performed.try_recv().is_err(), "no entry is performed twice");
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), paths.into_iter().collect());
    assert_eq!(elsewhere.outbox().next_due().await.unwrap(), None);
}
