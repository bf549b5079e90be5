use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::certificates::Authority;

/// A server's reaction to a request.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Status(u16),
    With(u16, &'static str, String),
    Body(u16, &'static str),
    /// A status, a header and a body.
    Full(u16, (&'static str, &'static str), &'static str),
    /// Never respond.
    Hang,
    /// Send the head and the start of the body, then stall.
    SlowBody(u16),
    /// Send the head and an endless body.
    EndlessBody(u16),
    /// Send a head of about 100 KiB.
    HugeHead,
    /// Read the whole request, then close the connection.
    Drop,
}

/// A request that the server received.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

#[derive(Default)]
struct State {
    answers: Mutex<VecDeque<Answer>>,
    seen: Mutex<Vec<Seen>>,
    connections: AtomicUsize,
    chunks: AtomicUsize,
}

/// A local server, with TLS by default. Reacts to each request with the next answer, and with status 200 after the
/// last.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
}

impl Server {
    pub(crate) async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), answers).await.unwrap()
    }

    pub(crate) async fn start_at(address: SocketAddr, answers: impl IntoIterator<Item = Answer>) -> io::Result<Self> {
        let acceptor = TlsAcceptor::from(Arc::clone(&Authority::get().server));
        Self::listen(address, answers, Some(acceptor)).await
    }

    /// Starts a server without TLS.
    pub(crate) async fn start_plain(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::listen("127.0.0.1:0".parse().unwrap(), answers, None).await.unwrap()
    }

    async fn listen(
        address: SocketAddr,
        answers: impl IntoIterator<Item = Answer>,
        acceptor: Option<TlsAcceptor>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State { answers: Mutex::new(answers.into_iter().collect()), ..State::default() });
        tokio::spawn(accept(listener, acceptor, Arc::clone(&state)));
        Ok(Self { address, state })
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Returns a URL with a name that tests resolve to this server.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://hooks.example.test:{}{path}", self.port())
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.seen.lock().unwrap().clone()
    }

    /// Returns how much of endless bodies was sent, in KiB, including buffered data.
    pub(crate) fn sent(&self) -> usize {
        self.state.chunks.load(Ordering::SeqCst)
    }

    /// Returns the number of accepted connections.
    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }
}

async fn accept(listener: TcpListener, acceptor: Option<TlsAcceptor>, state: Arc<State>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        state.connections.fetch_add(1, Ordering::SeqCst);
        let (state, acceptor) = (Arc::clone(&state), acceptor.clone());
        tokio::spawn(async move {
            let Some(acceptor) = acceptor else { return serve(stream, state).await };
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(stream, state).await;
            }
        });
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, state: Arc<State>) {
    let service = service_fn(|request| answer(Arc::clone(&state), request));
    // The error is expected: clients disconnect, and `Answer::Drop` closes connections.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

type Body = BoxBody<Bytes, Infallible>;

async fn answer(state: Arc<State>, request: Request<Incoming>) -> io::Result<Response<Body>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let target = head.uri.to_string();
    state.seen.lock().unwrap().push(Seen { method: head.method, target, headers: head.headers, body });
    let next = state.answers.lock().unwrap().pop_front().unwrap_or(Answer::Status(200));
    let chunk = || Ok(Frame::data(Bytes::from_static(&[b'x'; 1_024])));
    let (status, body) = match &next {
        Answer::Status(status) | Answer::With(status, ..) => (*status, full("")),
        Answer::Body(status, text) | Answer::Full(status, _, text) => (*status, full(text)),
        Answer::Hang => pending().await,
        Answer::SlowBody(status) => {
            (*status, BodyExt::boxed(StreamBody::new(stream::iter([chunk()]).chain(stream::pending()))))
        }
        Answer::EndlessBody(status) => {
            let counted = move || {
                state.chunks.fetch_add(1, Ordering::SeqCst);
                chunk()
            };
            (*status, BodyExt::boxed(StreamBody::new(stream::repeat_with(counted))))
        }
        Answer::HugeHead => (200, full("")),
        Answer::Drop => return Err(io::ErrorKind::ConnectionAborted.into()),
    };
    let mut response = Response::builder().status(status);
    if let Answer::With(_, name, value) = &next {
        response = response.header(*name, value);
    }
    if let Answer::Full(_, (name, value), _) = &next {
        response = response.header(*name, *value);
    }
    if let Answer::HugeHead = &next {
        response = response.header("x-huge", "x".repeat(100_000));
    }
    Ok(response.body(body).unwrap())
}

fn full(text: &'static str) -> Body {
    Full::new(Bytes::from_static(text.as_bytes())).boxed()
}
