//! Connections to addresses that the guard allowed, and to no others.

use std::error::Error;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use crate::error::{Blocked, DeliveryError};
use crate::guard::Guard;
use crate::resolver::{Resolver, Share};

/// The maximum of addresses to try, so that no name causes connections to any number of hosts.
const MAX_ADDRESSES: usize = 8;

type BoxError = Box<dyn Error + Send + Sync>;
type ConnectFuture<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// A connector that resolves a host, checks every address, and connects to a checked address.
///
/// There is no second look-up, so a name cannot change addresses between the check and the connection.
#[derive(Clone, Debug)]
pub(crate) struct TcpConnector {
    pub(crate) guard: Arc<Guard>,
    pub(crate) resolver: Arc<dyn Resolver>,
    /// The time limit, shared by all addresses of a host.
    pub(crate) timeout: Duration,
}

impl TcpConnector {
    async fn connect(self, uri: Uri, share: Share) -> Result<TokioIo<TcpStream>, DeliveryError> {
        let host = uri.host().ok_or(Blocked::Malformed)?;
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
        let addresses = share.scope(self.addresses(host)).await?;
        // A public name has no private address by accident, so one blocked address blocks the name.
        for address in &addresses {
            self.guard.check_address(*address)?;
        }
        let tried = addresses.len().min(MAX_ADDRESSES);
        let each = self.timeout / u32::try_from(tried).unwrap_or(u32::MAX).max(1);
        let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in addresses.into_iter().take(tried) {
            match timeout(each, TcpStream::connect(SocketAddr::new(address, port))).await {
                Ok(Ok(stream)) => {
                    stream.set_nodelay(true).map_err(|error| DeliveryError::Connect(error.into()))?;
                    return Ok(TokioIo::new(stream));
                }
                Ok(Err(error)) => failure = error,
                Err(_) => failure = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(DeliveryError::Connect(failure.into()))
    }

    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, DeliveryError> {
        let literal = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        if let Ok(address) = literal.parse() {
            return Ok(vec![address]);
        }
        self.resolver.resolve(host).await.map_err(DeliveryError::Resolve)
    }
}

impl Service<Uri> for TcpConnector {
    type Response = TokioIo<TcpStream>;
    type Error = DeliveryError;
    type Future = ConnectFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        // The pool may run the future in another task, which has no share.
        let share = if self.guard.lists_hosts() { Share::Operator } else { Share::current() };
        Box::pin(self.clone().connect(uri, share))
    }
}

/// A [`TcpConnector`] with TLS and a time limit for both.
///
/// The pool may continue to connect after the request is gone, so the request's own limit is not enough.
#[derive(Clone, Debug)]
pub(crate) struct Connector {
    pub(crate) https: HttpsConnector<TcpConnector>,
    pub(crate) timeout: Duration,
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = BoxError;
    type Future = ConnectFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.https.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = timeout(self.timeout, self.https.call(uri));
        Box::pin(async move { connecting.await.map_err(|_| DeliveryError::Timeout)? })
    }
}
