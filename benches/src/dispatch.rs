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
use crate::backend::{Kind, Opened};
use crate::callers::{self, MANY};
use crate::host::user;
use crate::measure::{Effort, Runs, alternate};
use crate::operation::approve;
use crate::report::{Section, rate, share};
use receiver::Receiver;

/// Actions per slice, and slices per run.
const ACTIONS: usize = 2_000;
const SLICES: usize = 2;
/// Actions per approval.
const EACH: usize = 2;
const LONG: Duration = Duration::from_secs(60);

pub(crate) use wake::run as wake;

/// Measures dispatch from each store, 64 actions at once.
pub(crate) fn run(arguments: &Arguments) -> Option<Section> {
    let name = |kind: &Kind| format!("{} dispatch over HTTP", kind.name);
    let wanted: Vec<_> = Kind::all().filter(|kind| arguments.wants(&name(kind))).collect();
    if wanted.is_empty() {
        return None;
    }
    let about = "Queued actions, two per approval, sent by the dispatcher to a server in this process, 64 at once. Floor: the \
                 same HTTP client with the same requests and no outbox.";
    let header = ["", "actions a second", "floor", "of the floor"];
    let mut section = Section::new("Dispatch over HTTP", about, &header);
    let actions = if arguments.quick { ACTIONS / 10 } else { ACTIONS };
    let Effort { runs, .. } = arguments.effort();
    for kind in wanted {
        let runtime = callers::runtime(MANY);
        let receiver = runtime.block_on(Receiver::start());
        let client = runtime.block_on(async { client() });
        let backend = (kind.start)();
        let runs = Runs::of(runs, |_| {
            alternate(
                SLICES,
                [
                    &mut || {
                        backend.clear();
                        runtime.block_on(async {
                            let Opened { store, files } = backend.open().await;
                            let took = dispatched(&receiver, store, &client, actions).await;
                            drop(files);
                            took
                        })
                    },
                    &mut || runtime.block_on(sent(&receiver, &client, actions)),
                ],
            )
        });
        let [ours, floor] = [0, 1].map(|side| rate(runs.rate(side, actions)));
        section.row(vec![kind.name.to_owned(), ours, floor, share(runs.share(0, 1))]);
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
