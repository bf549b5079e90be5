#![allow(clippy::panic, clippy::unwrap_used, reason = "a failed check of a test")]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

mod postgres;

use self::postgres::Frames;

/// A proxy that counts round trips and cuts connections.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    protocol: Protocol,
    state: Arc<State>,
}

/// The protocol of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// Every request counts as a round trip.
    Redis,
    /// Connecting, preparing and pings are no round trips.
    Postgres,
}

/// The moment at which a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "tests decide about each")]
pub enum Cut {
    /// Before the request reaches the server.
    BeforeRequest,
    /// After the server has replied, before the reply reaches the client.
    BeforeReply,
}

/// A request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Request {
    /// Runs something.
    Run,
    /// Prepares a statement, and runs nothing.
    Prepare,
    /// A lone Sync message: sqlx sends one when a connection is released, after the reply.
    Ping,
}

#[derive(Debug, Default)]
struct State {
    cut: Mutex<Option<(u64, Cut)>>,
    /// Cuts every n-th request; 0 is off.
    every: AtomicU64,
    trips: AtomicU64,
    preparations: AtomicU64,
    pings: AtomicU64,
    request: Mutex<Vec<u8>>,
}

impl Proxy {
    /// Starts a proxy before a server on a local port.
    pub async fn before(port: u16, protocol: Protocol) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                tokio::spawn(async move {
                    let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                    // An error means that either side has disconnected.
                    let _ = state.pass(client, server, protocol).await;
                });
            }
        });
        Self { address, protocol, state }
    }

    /// Returns the URL of the server through the proxy.
    #[must_use]
    pub fn url(&self) -> String {
        match self.protocol {
            Protocol::Redis => format!("redis://{}", self.address),
            Protocol::Postgres => format!("postgres://postgres@{}/postgres", self.address),
        }
    }

    /// Cuts the connection of the next request that runs something.
    pub fn cut_next(&self, cut: Cut) {
        self.cut_after(0, cut);
    }

    /// Cuts the connection after `requests` more requests.
    pub fn cut_after(&self, requests: u64, cut: Cut) {
        *self.state.cut.lock().unwrap() = Some((self.trips() + requests, cut));
    }

    /// Cuts the connection every `requests` requests, alternately before the request and before the reply. 0 ends that.
    pub fn cut_every(&self, requests: u64) {
        self.state.every.store(requests, Ordering::Relaxed);
    }

    /// Returns the number of requests so far that ran something.
    #[must_use]
    pub fn trips(&self) -> u64 {
        self.state.trips.load(Ordering::Relaxed)
    }

    /// Returns the number of statements prepared so far in a request of their own.
    #[must_use]
    pub fn preparations(&self) -> u64 {
        self.state.preparations.load(Ordering::Relaxed)
    }

    /// Returns the number of pings so far.
    #[must_use]
    pub fn pings(&self) -> u64 {
        self.state.pings.load(Ordering::Relaxed)
    }

    /// Returns the bytes of the last request.
    #[must_use]
    pub fn request(&self) -> Vec<u8> {
        self.state.request.lock().unwrap().clone()
    }
}

impl State {
    async fn pass(&self, mut client: TcpStream, mut server: TcpStream, protocol: Protocol) -> std::io::Result<()> {
        let (mut requests, mut replies) = (vec![0; 1 << 16], vec![0; 1 << 16]);
        let (mut frames, mut is_answered, mut cut) = (Frames::default(), true, None);
        loop {
            tokio::select! {
                read = client.read(&mut requests) => {
                    let bytes = requests.get(..read?).unwrap_or_default();
                    let is_new = std::mem::take(&mut is_answered);
                    self.note(bytes, is_new);
                    let found = match protocol {
                        Protocol::Redis => is_new.then_some(Request::Run).into_iter().collect(),
                        Protocol::Postgres => frames.requests(bytes),
                    };
                    for request in found {
                        cut = self.count(request);
                    }
                    if bytes.is_empty() || cut == Some(Cut::BeforeRequest) {
                        return Ok(());
                    }
                    server.write_all(bytes).await?;
                }
                read = server.read(&mut replies) => {
                    let bytes = replies.get(..read?).unwrap_or_default();
                    if bytes.is_empty() || cut == Some(Cut::BeforeReply) {
                        return Ok(());
                    }
                    is_answered = true;
                    client.write_all(bytes).await?;
                }
            }
        }
    }

    fn note(&self, bytes: &[u8], is_new: bool) {
        let mut request = self.request.lock().unwrap();
        if is_new {
            request.clear();
        }
        request.extend_from_slice(bytes);
    }

    /// Counts a request, and returns whether its connection is cut.
    fn count(&self, request: Request) -> Option<Cut> {
        let counter = match request {
            Request::Run => return self.next_cut(self.trips.fetch_add(1, Ordering::Relaxed)),
            Request::Prepare => &self.preparations,
            Request::Ping => &self.pings,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        None
    }

    fn next_cut(&self, trip: u64) -> Option<Cut> {
        let every = self.every.load(Ordering::Relaxed);
        if every > 0 && trip.is_multiple_of(every) {
            let cuts = [Cut::BeforeRequest, Cut::BeforeReply];
            return cuts.get(usize::from((trip / every).is_multiple_of(2))).copied();
        }
        self.cut.lock().unwrap().take_if(|(at, _)| *at == trip).map(|(_, cut)| cut)
    }
}
