use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev;
use challenges_core::{Challenges, KeyRing};
use challenges_http::{Api, Authorizer};
use challenges_memory::MemoryStore;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) const CREATE: &str = r#"{"spec": {"user_id": "alice", "challenge_type": "code", "send_now": true}}"#;

pub(crate) async fn challenges() -> Challenges {
    Challenges::builder(MemoryStore::new(), KeyRing::generate().unwrap()).build().await.unwrap()
}

pub(crate) fn api(challenges: Challenges, authorizer: impl Authorizer) -> Api {
    Api::builder(challenges, authorizer).public_base("https://api.example").build().unwrap()
}

/// Returns a request with the right token that closes its connection.
pub(crate) fn request(method: &str, path: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: api.example\r\nconnection: close\r\nauthorization: Bearer token\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A server on a free port. Dropping it stops the server.
pub(crate) struct Server {
    address: SocketAddr,
    handle: dev::ServerHandle,
}

impl Server {
    pub(crate) fn start(run: impl FnOnce(TcpListener) -> dev::Server) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let server = run(listener);
        let handle = server.handle();
        tokio::spawn(server);
        Self { address, handle }
    }

    pub(crate) async fn connect(&self) -> Connection {
        Connection(TcpStream::connect(self.address).await.unwrap())
    }

    pub(crate) async fn ask(&self, request: impl AsRef<[u8]>) -> Reply {
        let mut connection = self.connect().await;
        connection.send(request).await;
        connection.reply().await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // `stop` sends its command at once, so the future need not be awaited.
        drop(self.handle.stop(false));
    }
}

pub(crate) struct Connection(TcpStream);

impl Connection {
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Reads the reply. Has a timeout, so that a failing test does not hang.
    pub(crate) async fn reply(&mut self) -> Reply {
        tokio::time::timeout(Duration::from_secs(60), self.read_reply()).await.unwrap()
    }

    async fn read_reply(&mut self) -> Reply {
        let mut read = Vec::new();
        loop {
            let more = self.0.read_buf(&mut read).await.unwrap();
            if let Some(reply) = Reply::parse(&read).filter(|reply| more == 0 || reply.is_whole()) {
                return reply;
            }
            assert_ne!(more, 0, "no reply: {}", String::from_utf8_lossy(&read));
        }
    }
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    head: String,
}

impl Reply {
    fn parse(read: &[u8]) -> Option<Self> {
        let end = read.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
        let head = String::from_utf8(read[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Some(Self { status, body: read[end + 4..].to_vec(), head })
    }

    /// Returns `true` if the body is complete. Always `false` for a reply to HEAD with `Content-Length`.
    fn is_whole(&self) -> bool {
        self.header("content-length").is_some_and(|length| length.parse() == Ok(self.body.len()))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    pub(crate) fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let headers = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        headers.filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}
