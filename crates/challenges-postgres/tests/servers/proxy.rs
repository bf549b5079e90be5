//! A proxy that counts round trips and cuts connections.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use challenges_proofs::postgres::PostgresServer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A Sync message.
const PING: &[u8] = b"S\0\0\0\x04";

/// The type of a Parse message. On a connection that has not prepared a statement yet, the first request prepares it alone
/// and runs nothing.
const PARSE: u8 = b'P';

/// The moment at which a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Before the request reaches the server.
    BeforeRequest,
    /// After the server has replied, before the reply reaches the client.
    BeforeReply,
}

#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    cut: Mutex<Option<Cut>>,
    trips: AtomicU64,
    pings: AtomicU64,
}

impl Proxy {
    pub(crate) async fn before(server: &PostgresServer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let (port, shared) = (server.port(), Arc::clone(&state));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                tokio::spawn(async move {
                    let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                    // An error means that either side has disconnected.
                    let _ = state.pass(client, server).await;
                });
            }
        });
        Self { address, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@{}/postgres", self.address)
    }

    /// Cuts the connection of the next request that runs a statement.
    pub(crate) fn cut_next(&self, cut: Cut) {
        *self.state.cut.lock().unwrap() = Some(cut);
    }

    /// Returns the number of pings so far: sqlx sends a lone Sync message when a connection is released, after the reply.
    pub(crate) fn pings(&self) -> u64 {
        self.state.pings.load(Ordering::Relaxed)
    }

    /// Returns the number of round trips so far, without pings.
    pub(crate) fn trips(&self) -> u64 {
        self.state.trips.load(Ordering::Relaxed)
    }
}

impl State {
    async fn pass(&self, mut client: TcpStream, mut server: TcpStream) -> std::io::Result<()> {
        let (mut requests, mut replies) = (vec![0; 1 << 16], vec![0; 1 << 16]);
        let mut is_answered = true;
        let mut cut = None;
        loop {
            tokio::select! {
                read = client.read(&mut requests) => {
                    let bytes = &requests[..read?];
                    if std::mem::take(&mut is_answered) {
                        if bytes == PING {
                            self.pings.fetch_add(1, Ordering::Relaxed);
                            cut = None;
                        } else {
                            self.trips.fetch_add(1, Ordering::Relaxed);
                            cut = self.cut.lock().unwrap().take_if(|_| bytes.first() != Some(&PARSE));
                        }
                    }
                    if bytes.is_empty() || cut == Some(Cut::BeforeRequest) {
                        return Ok(());
                    }
                    server.write_all(bytes).await?;
                }
                read = server.read(&mut replies) => {
                    let bytes = &replies[..read?];
                    if bytes.is_empty() || cut == Some(Cut::BeforeReply) {
                        return Ok(());
                    }
                    is_answered = true;
                    client.write_all(bytes).await?;
                }
            }
        }
    }
}
