//! HTTP from end to end: a client, the router of challenges-axum and a store in this process, beside a bare axum handler.

mod client;

use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, Uri, header};
use axum::response::IntoResponse as _;
use axum::serve::ListenerExt as _;
use challenges_http::{Api, Principal, StaticToken};
use tokio::net::TcpListener;

use crate::arguments::Arguments;
use crate::backend::{Backend, Kind, Opened};
use crate::callers::{self, MANY};
use crate::host::Host;
use crate::measure::Effort;
use crate::report::Section;
use crate::sustained::{HEADER, Loads, Sustained, name_of};
use client::Client;

const TOKEN: &str = "a token of the benches";

pub(crate) fn run(arguments: &Arguments, measured: &mut Vec<Sustained>) -> Option<Section> {
    let name = |kind: &Kind| format!("{} end to end", kind.name);
    let wanted: Vec<_> = Kind::all().filter(|kind| arguments.wants(&name(kind))).collect();
    if wanted.is_empty() {
        return None;
    }
    let about = "The calls of *Sustained load* as HTTP requests over loopback: client, server and store share the processors. \
                 Floor: an axum handler on the same connections that parses the same JSON, and returns a constant response of \
                 the same size.";
    let mut section = Section::new("HTTP end to end", about, &HEADER);
    let mut effort = arguments.effort();
    effort.long_slice /= 3;
    for kind in wanted {
        let backend = (kind.start)();
        for callers in [1, MANY] {
            backend.clear();
            let loads = measure(&*backend, callers, effort);
            section.row([vec![name_of(kind, callers)], loads.cells()].concat());
            measured.push(Sustained { kind, callers, loads });
        }
    }
    Some(section)
}

fn measure(backend: &dyn Backend, callers: usize, effort: Effort) -> Loads {
    // The server needs a thread beside the caller.
    let runtime = callers::runtime(MANY);
    let loads = runtime.block_on(async {
        let Opened { store, files } = backend.open().await;
        let challenges = Host::new(store).await.challenges;
        let api = Api::builder(challenges, StaticToken::new(TOKEN, Principal::any_user()));
        let api = api.public_base("http://localhost").build().unwrap();
        let ours = serve(challenges_axum::router(api)).await;
        let floor = serve(bare(ours).await).await;
        let mut clients = [Vec::new(), Vec::new()];
        for (clients, address) in clients.iter_mut().zip([ours, floor]) {
            for first in 0..callers {
                clients.push(Client::connect(address, first, callers).await);
            }
        }
        let [ours, floor] = clients;
        let loads = Loads::alternate(ours, floor, effort).await;
        drop(files);
        loads
    });
    callers::end(runtime);
    loads
}

async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// Returns a handler with the responses of the API to a creation and to an answer.
async fn bare(api: SocketAddr) -> Router {
    let mut client = Client::connect(api, 0, 1).await;
    let (created, answered) = (client.create().await, client.answer().await);
    Router::new().fallback(async move |uri: Uri, body: Bytes| {
        let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
        std::hint::black_box(value);
        let answers = uri.path().ends_with("/answers");
        let (status, body) = if answers { (StatusCode::OK, answered) } else { (StatusCode::CREATED, created) };
        (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
    })
}
