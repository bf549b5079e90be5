//! Decided actions from the outbox to a local server, beside the same client that sends the same requests and keeps nothing.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::post;
use challenges_core::{
    Actor, Answer, ChallengeType, Challenges, HttpAction, HttpActionParts, KeyRing, OneTimeUseAction, Owner, Store,
    Timeout,
};
use challenges_delivery::{Call, Delivery, Dispatcher, Guard, GuardedClient, HttpActions};
use challenges_memory::MemoryStore;
use challenges_sqlite::SqliteStore;
use futures::StreamExt as _;
use http::Method;
use tokio::runtime::Runtime;
use tokio::sync::Notify;

use crate::measure::{Report, interleaved};

const ACTIONS: usize = 10_000;
const ALONE: usize = 1_000;
const AT_ONCE: usize = 64;
/// Actions of one approval.
const EACH: usize = 2;
const LONG: Duration = Duration::from_secs(60);

pub(crate) fn memory() -> Report {
    report(MemoryStore::new)
}

pub(crate) fn sqlite() -> Report {
    let directory = tempfile::tempdir().unwrap();
    let mut files = 0;
    report(move || {
        files += 1;
        SqliteStore::open(directory.path().join(format!("{files}.db"))).unwrap()
    })
}

/// From the creation of one approval to the arrival of its action, and then the next: how soon a dispatcher is awake.
pub(crate) fn one_at_a_time() -> Report {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let receiver = runtime.block_on(Receiver::start());
    let client = runtime.block_on(async { client() });
    let ours = || {
        runtime.block_on(async {
            let keys = KeyRing::generate().unwrap();
            let challenges = Challenges::builder(MemoryStore::new(), keys).build().await.unwrap();
            let courier = Delivery::new().actions(HttpActions::new(client.clone()));
            let running = Dispatcher::new(challenges.clone(), courier).spawn();
            let start = Instant::now();
            for _ in 0..ALONE {
                decide(&challenges, &receiver.url(), 1).await;
                receiver.all(1).await;
            }
            let took = start.elapsed();
            running.stop().await;
            took
        })
    };
    let floor = || {
        runtime.block_on(async {
            let (url, start) = (receiver.url(), Instant::now());
            for _ in 0..ALONE {
                client.send(Call::new(Method::POST, &url), LONG).await.unwrap();
                receiver.all(1).await;
            }
            start.elapsed()
        })
    };
    interleaved(ALONE, 0.0, ours, floor)
}

fn report<S: Store>(mut store: impl FnMut() -> S) -> Report {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let receiver = runtime.block_on(Receiver::start());
    let client = runtime.block_on(async { client() });
    interleaved(
        ACTIONS,
        0.0,
        || dispatched(&runtime, &receiver, store(), &client),
        || runtime.block_on(sent(&receiver, &client)),
    )
}

fn client() -> GuardedClient {
    let guard = Guard::any_host().danger_allow_http().danger_allow_any_port();
    let guard = guard.danger_allow_network("127.0.0.0/8".parse().unwrap());
    GuardedClient::builder(guard).idle_per_host(AT_ONCE).build().unwrap()
}

/// A server that counts what comes.
struct Receiver {
    address: SocketAddr,
    received: Arc<AtomicUsize>,
    another: Arc<Notify>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (received, another) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let count = {
            let (received, another) = (Arc::clone(&received), Arc::clone(&another));
            move || async move {
                received.fetch_add(1, Ordering::Relaxed);
                another.notify_one();
            }
        };
        let app = Router::new().route("/hook", post(count));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, received, another }
    }

    fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Waits until so many requests came, and starts again to count.
    async fn all(&self, count: usize) {
        while self.received.load(Ordering::Relaxed) < count {
            self.another.notified().await;
        }
        self.received.store(0, Ordering::Relaxed);
    }
}

fn dispatched<S: Store>(runtime: &Runtime, receiver: &Receiver, store: S, client: &GuardedClient) -> Duration {
    runtime.block_on(async {
        let challenges = Challenges::builder(store, KeyRing::generate().unwrap()).build().await.unwrap();
        let url = receiver.url();
        let decide = |_| decide(&challenges, &url, EACH);
        futures::stream::iter(0..ACTIONS / EACH).map(decide).buffer_unordered(AT_ONCE).for_each(|()| async {}).await;
        let courier = Delivery::new().actions(HttpActions::new(client.clone()));
        let at_once = NonZeroUsize::new(AT_ONCE).unwrap();
        let start = Instant::now();
        let running = Dispatcher::new(challenges.clone(), courier).at_once(at_once).spawn();
        receiver.all(ACTIONS).await;
        running.stop().await;
        let took = start.elapsed();
        assert_eq!(challenges.next_due().await.unwrap(), None);
        took
    })
}

async fn decide(challenges: &Challenges, url: &str, actions: usize) {
    let actor = Actor { user_id: "ann".into(), org_id: "org".into() };
    let mut wanted = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(600).unwrap());
    wanted.approved_actions = vec![HttpAction::new(HttpActionParts::new("POST", url)).unwrap(); actions];
    let created = challenges.create_one_time_use_action(Owner::user("ann").unwrap(), wanted).await.unwrap();
    let secret = created.secrets[0].approve.expose().to_owned();
    let answer = Answer::allow(created.challenge.id(), ChallengeType::OneTimeUseAction, secret);
    assert!(challenges.answer(answer).await.unwrap().passed().is_some());
}

async fn sent(receiver: &Receiver, client: &GuardedClient) -> Duration {
    let url = receiver.url();
    let start = Instant::now();
    let send = |_| async {
        let reply = client.send(Call::new(Method::POST, &url), LONG).await.unwrap();
        assert_eq!(reply.status(), http::StatusCode::OK);
    };
    futures::stream::iter(0..ACTIONS).map(send).buffer_unordered(AT_ONCE).for_each(|()| async {}).await;
    receiver.all(ACTIONS).await;
    start.elapsed()
}
