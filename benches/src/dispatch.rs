//! Dispatch of actions over HTTP to a local server, compared with the HTTP client alone.

mod receiver;
mod wake;

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use challenges_core::{Challenges, KeyRing, Store};
use challenges_delivery::{Delivery, Dispatcher, Guard, GuardedClient, HttpActions, Request};
use futures::StreamExt as _;
use http::Method;

use crate::arguments::Arguments;
use crate::backend::{Backend, Kind, Opened};
use crate::callers::{self, MANY};
use crate::host::user;
use crate::measure::in_turns;
use crate::operation::approve;
use crate::report::{Section, rate, share};
use receiver::Receiver;

/// Actions per approval.
const EACH: usize = 2;
const LONG: Duration = Duration::from_secs(60);

pub(crate) use wake::run as wake;

/// Measures dispatch from each store, 64 actions at once.
pub(crate) fn run(arguments: &Arguments) -> Option<Section> {
    let name = |kind: Kind| format!("{} dispatch over HTTP", kind.name());
    let wanted: Vec<_> = Kind::ALL.into_iter().filter(|kind| arguments.wants(&name(*kind))).collect();
    if wanted.is_empty() {
        return None;
    }
    let about = "Queued actions, two per approval, sent by the dispatcher to a server in this process, 64 at once. Floor: the \
                 same HTTP client with the same requests and no outbox.";
    let header = ["", "actions a second", "floor", "of the floor"];
    let mut section = Section::new("Dispatch over HTTP", about, &header);
    for kind in wanted {
        let actions = if kind == Kind::Sqlite { 2_000 } else { 4_000 };
        let runtime = callers::runtime(MANY);
        let receiver = runtime.block_on(Receiver::start());
        let client = runtime.block_on(async { client() });
        let backend = Backend::start(kind);
        let turns = in_turns([
            &mut || {
                runtime.block_on(async {
                    let Opened { store, files } = backend.open().await;
                    let took = dispatched(&receiver, store, &client, actions).await;
                    drop(files);
                    took
                })
            },
            &mut || runtime.block_on(sent(&receiver, &client, actions)),
        ]);
        let rates = [0, 1].map(|side| rate(turns.rate(side, actions)));
        let [ours, floor] = rates;
        section.row(vec![kind.name().to_owned(), ours, floor, share(turns.share(0, 1))]);
    }
    Some(section)
}

fn client() -> GuardedClient {
    let guard = Guard::any_host().danger_allow_http().danger_allow_any_port();
    let guard = guard.danger_allow_network("127.0.0.0/8".parse().unwrap());
    GuardedClient::builder(guard).idle_per_host(MANY).build().unwrap()
}

async fn dispatched(receiver: &Receiver, store: impl Store, client: &GuardedClient, actions: usize) -> Duration {
    let challenges = Challenges::builder(store, KeyRing::generate().unwrap()).build().await.unwrap();
    let url = receiver.url();
    let decide = |number| approve(&challenges, user(number), &url, EACH);
    futures::stream::iter(0..actions / EACH).map(decide).buffer_unordered(MANY).for_each(|()| async {}).await;
    let courier = Delivery::new().actions(HttpActions::new(client.clone()));
    let start = Instant::now();
    let running = Dispatcher::new(challenges.clone(), courier).concurrency(NonZeroUsize::new(MANY).unwrap()).spawn();
    receiver.all(actions).await;
    running.stop().await;
    let took = start.elapsed();
    assert_eq!(challenges.outbox().next_due().await.unwrap(), None);
    took
}

async fn sent(receiver: &Receiver, client: &GuardedClient, actions: usize) -> Duration {
    let url = receiver.url();
    let start = Instant::now();
    let send = |_| async {
        let reply = client.send(Request::new(Method::POST, &url), LONG).await.unwrap();
        assert_eq!(reply.status(), http::StatusCode::OK);
    };
    futures::stream::iter(0..actions).map(send).buffer_unordered(MANY).for_each(|()| async {}).await;
    receiver.all(actions).await;
    start.elapsed()
}
