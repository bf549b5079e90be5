//! R62: Hanging receivers delay only the messages of the same users.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::approvals::{HttpAction, OneTimeUseAction};
use challenges_core::outbox::{Errand, Failure, Job};
use challenges_core::{Answer, Challenges, Courier, KeyRing, Owner, Timeout};
use challenges_delivery::{Dispatcher, RunningDispatcher};
use challenges_memory::MemoryStore;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{sleep, timeout};

const LONG: Duration = Duration::from_secs(60);
const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const ATTACKERS: usize = 12;
const RECEIVERS: usize = 16;

/// A start or end of an attempt: the user, the path of the URL and the number of the attempt.
type Event = (String, String, u32);

/// Attempts at `/hung` wait for a permit. Attempts at `/slow` take 2 seconds and end at different times.
#[derive(Debug)]
struct Receivers {
    started: mpsc::UnboundedSender<Event>,
    ended: mpsc::UnboundedSender<Event>,
    hung: Arc<Semaphore>,
    slow: AtomicU64,
    in_flight: Arc<Mutex<BTreeMap<String, usize>>>,
}

#[async_trait]
impl Courier for Receivers {
    async fn perform(&self, job: &Job) -> Result<Option<u16>, Failure> {
        let Errand::Act { action, .. } = &job.errand else { panic!("only actions are queued here") };
        let path = action.uri().rsplit('/').next().unwrap().to_owned();
        let event = (job.owner.user_id().to_owned(), path.clone(), job.attempt);
        *self.in_flight.lock().unwrap().entry(event.0.clone()).or_default() += 1;
        self.started.send(event.clone()).unwrap();
        if path == "hung" {
            self.hung.acquire().await.unwrap().forget();
        }
        if path == "slow" {
            let half_seconds = (1 + self.slow.fetch_add(1, Ordering::Relaxed)).min(4);
            sleep(Duration::from_millis(500 * half_seconds)).await;
        }
        *self.in_flight.lock().unwrap().get_mut(&event.0).unwrap() -= 1;
        self.ended.send(event).unwrap();
        Ok(Some(200))
    }
}

struct Host {
    challenges: Challenges,
    started: mpsc::UnboundedReceiver<Event>,
    ended: mpsc::UnboundedReceiver<Event>,
    hung: Arc<Semaphore>,
    in_flight: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Host {
    async fn new() -> (Self, Receivers) {
        let keys: KeyRing = KEYS.parse().unwrap();
        let challenges = Challenges::builder(MemoryStore::new(), keys).build().await.unwrap();
        let ((start, started), (end, ended)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        let (hung, in_flight) = (Arc::new(Semaphore::new(0)), Arc::default());
        let courier = Receivers {
            started: start,
            ended: end,
            hung: Arc::clone(&hung),
            slow: AtomicU64::new(0),
            in_flight: Arc::clone(&in_flight),
        };
        (Self { challenges, started, ended, hung, in_flight }, courier)
    }

    /// Decides a one-time-use action of a user with an HTTP action for each URL.
    async fn decide(&self, user: &str, urls: &[String]) {
        let actor = Owner::in_tenant("org", user).unwrap();
        let mut wanted = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(600).unwrap());
        wanted.approved_actions = urls.iter().map(|url| HttpAction::new("POST", url).unwrap()).collect();
        let created = self.challenges.actions().create(Owner::user(user).unwrap(), wanted).await.unwrap();
        let secret = created.links.first().unwrap().approve.expose();
        let answer = Answer::approve_action(created.challenge.id(), secret);
        assert!(self.challenges.answer(answer).await.unwrap().passed().is_some());
    }

    /// Queues sixteen entries of each attacker, at hosts that hang.
    async fn attack(&self) {
        for attacker in 0..ATTACKERS {
            for half in 0..2 {
                let url = |number| format!("https://h{half}-{number}.attacker-{attacker}.example/hung");
                self.decide(&format!("attacker-{attacker}"), &(0..RECEIVERS / 2).map(url).collect::<Vec<_>>()).await;
            }
        }
    }

    async fn started(&mut self) -> Event {
        timeout(LONG, self.started.recv()).await.unwrap().unwrap()
    }

    async fn ended(&mut self) -> Event {
        timeout(LONG, self.ended.recv()).await.unwrap().unwrap()
    }
}

fn limit(limit: usize) -> NonZeroUsize {
    NonZeroUsize::new(limit).unwrap()
}

fn prompt(user: &str) -> Vec<String> {
    vec![format!("https://hooks.{user}.example/prompt")]
}

/// Stops the start of attempts, and then lets all hung attempts end.
async fn stop(running: RunningDispatcher, hung: &Semaphore) {
    let mut stopping = Box::pin(running.stop());
    assert!(futures::poll!(&mut stopping).is_pending());
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    hung.add_permits(ATTACKERS * RECEIVERS);
    timeout(LONG, stopping).await.unwrap();
}

/// R62: The messages of others leave while every receiver of twelve users hangs.
#[tokio::test]
async fn hung_receivers_delay_only_their_owners() {
    let (mut host, courier) = Host::new().await;
    host.attack().await;
    let running = Dispatcher::new(host.challenges.clone(), courier).poll(LONG).spawn();
    for _ in 0..ATTACKERS * 4 {
        assert_eq!(host.started().await.1, "hung");
    }
    for victim in ["ann", "bob", "eve"] {
        host.decide(victim, &prompt(victim)).await;
        assert_eq!(host.ended().await, (victim.to_owned(), "prompt".to_owned(), 1));
    }
    assert!((0..ATTACKERS).all(|number| host.in_flight.lock().unwrap()[&format!("attacker-{number}")] == 4));

    // Every waiting entry is performed in the end, and waiting counted no attempt.
    host.hung.add_permits(ATTACKERS * RECEIVERS);
    for _ in 0..ATTACKERS * RECEIVERS {
        let (_, path, attempt) = host.ended().await;
        assert_eq!((path.as_str(), attempt), ("hung", 1));
    }
    running.stop().await;
    assert!(host.challenges.outbox().list(None, None, 10).await.unwrap().is_empty());
}

/// R62, control: without a limit per owner, the attack of the test above holds back everybody.
#[tokio::test]
async fn without_owner_limit_hung_receivers_delay_everybody() {
    let (mut host, courier) = Host::new().await;
    host.attack().await;
    let dispatcher = Dispatcher::new(host.challenges.clone(), courier).poll(LONG);
    let running = dispatcher.concurrency(limit(64)).per_owner(limit(64)).spawn();
    for _ in 0..64 {
        assert_eq!(host.started().await.1, "hung");
    }
    host.decide("ann", &prompt("ann")).await;
    stop(running, &host.hung).await;
    assert!(host.started.try_recv().is_err(), "no other attempt started while 64 hung");
}

/// R62: A hung host delays only entries for that host, of any user.
#[tokio::test]
async fn hung_host_delays_only_its_own_entries() {
    let (mut host, courier) = Host::new().await;
    let dispatcher = Dispatcher::new(host.challenges.clone(), courier).poll(LONG);
    let running = dispatcher.concurrency(limit(4)).per_host(limit(2)).spawn();
    for user in ["ann", "bob", "carol", "dave", "erin"] {
        host.decide(user, &["https://hooks.example:8443/hung".to_owned()]).await;
    }
    for _ in 0..2 {
        host.started().await;
    }
    for user in ["ann", "erin", "frank"] {
        host.decide(user, &prompt(user)).await;
        assert_eq!(host.ended().await, (user.to_owned(), "prompt".to_owned(), 1));
    }
    let hung: usize = host.in_flight.lock().unwrap().values().sum();
    assert_eq!(hung, 2);
    host.hung.add_permits(5);
    for _ in 0..5 {
        let (_, path, attempt) = host.ended().await;
        assert_eq!((path.as_str(), attempt), ("hung", 1));
    }
    running.stop().await;
    assert!(host.challenges.outbox().list(None, None, 10).await.unwrap().is_empty());
}

/// R62: A hung host delays no entries of the same user for other hosts.
#[tokio::test]
async fn hung_host_delays_no_other_host_of_a_user() {
    let (mut host, courier) = Host::new().await;
    let running = Dispatcher::new(host.challenges.clone(), courier).poll(LONG).per_host(limit(2)).spawn();
    let hung = |number| vec!["https://push.example/hung".to_owned(); number];
    host.decide("bob", &hung(2)).await;
    for _ in 0..2 {
        assert_eq!(host.started().await.0, "bob");
    }
    host.decide("ann", &hung(16)).await;
    host.decide("ann", &prompt("ann")).await;
    assert_eq!(host.ended().await, ("ann".to_owned(), "prompt".to_owned(), 1));
    host.hung.add_permits(18);
    for _ in 0..18 {
        assert_eq!(host.ended().await.1, "hung");
    }
    running.stop().await;
}

/// R62: More entries than fit into the lines of owners and hosts delay nobody else, and are performed in the end.
#[tokio::test]
async fn flood_of_waiting_entries_delays_nobody_else() {
    const USERS: usize = 550;

    let (mut host, courier) = Host::new().await;
    for user in 0..USERS {
        host.decide(&format!("user-{user}"), &vec!["https://hooks.example/hung".to_owned(); 10]).await;
    }
    let running = Dispatcher::new(host.challenges.clone(), courier).per_host(limit(2)).spawn();
    for _ in 0..2 {
        assert_eq!(host.started().await.1, "hung");
    }
    for victim in ["ann", "bob"] {
        host.decide(victim, &prompt(victim)).await;
        assert_eq!(host.ended().await, (victim.to_owned(), "prompt".to_owned(), 1));
    }
    host.hung.add_permits(USERS * 10);
    for _ in 0..USERS * 10 {
        let (_, path, attempt) = host.ended().await;
        assert_eq!((path.as_str(), attempt), ("hung", 1));
    }
    running.stop().await;
    assert!(host.challenges.outbox().list(None, None, 10).await.unwrap().is_empty());
}

/// R62: A user's many actions at receivers that answer slowly delay nobody else.
#[tokio::test(start_paused = true)]
async fn slow_receivers_of_a_user_delay_nobody_else() {
    let (mut host, courier) = Host::new().await;
    for number in 0..344 {
        host.decide("mallory", &vec![format!("https://h{number}.example/slow"); 16]).await;
    }
    let running = Dispatcher::new(host.challenges.clone(), courier).spawn();
    assert_eq!(host.ended().await.1, "slow");
    host.decide("ann", &prompt("ann")).await;
    let mut before = 0;
    while host.ended().await.0 != "ann" {
        before += 1;
    }
    assert!(before < 64, "{before} slow attempts ended before the message of another user");
    let due = host.challenges.outbox().due(10_000).await.unwrap().len();
    assert!(due > 5_000, "control: {due} entries are still due");
    drop(running);
}

/// R62, control: without a limit per host, the hung host of the test above holds back the others.
#[tokio::test]
async fn without_host_limit_hung_host_delays_everybody() {
    let (mut host, courier) = Host::new().await;
    let dispatcher = Dispatcher::new(host.challenges.clone(), courier).poll(LONG);
    let running = dispatcher.concurrency(limit(4)).per_host(limit(4)).spawn();
    for user in ["ann", "bob", "carol", "dave", "erin"] {
        host.decide(user, &["https://hooks.example:8443/hung".to_owned()]).await;
    }
    for _ in 0..4 {
        host.started().await;
    }
    host.decide("frank", &prompt("frank")).await;
    stop(running, &host.hung).await;
    assert!(host.started.try_recv().is_err(), "no other attempt started while four hung");
}
