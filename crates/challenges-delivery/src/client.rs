//! The HTTP client behind every outbound request.

mod builder;
mod call;
mod reply;

pub use builder::GuardedClientBuilder;
pub use call::Call;
pub use reply::Reply;

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Method;
use http::header::{CONTENT_LENGTH, HeaderValue, RETRY_AFTER, USER_AGENT};
use http_body_util::Full;
use hyper_util::client::legacy::{Client, Error as ClientError};
use tokio::time::{Instant, timeout};

use crate::connector::Connector;
use crate::error::DeliveryError;
use crate::guard::Guard;

const AGENT: HeaderValue = HeaderValue::from_static(concat!("challenges-delivery/", env!("CARGO_PKG_VERSION")));

/// An HTTP/1.1 client that connects only where a [`Guard`] allows.
///
/// The client
///
/// - follows no redirects and ignores proxy settings of the environment,
/// - keeps no cookies and decompresses nothing,
/// - never resends a request that may have reached the server,
/// - limits the time and size of every response; see [`GuardedClientBuilder`] for the limits,
/// - reuses connections.
///
/// Clones share their connections. Two clients never do, even with equal guards.
#[derive(Clone)]
pub struct GuardedClient {
    guard: Arc<Guard>,
    http: Client<Connector, Full<Bytes>>,
    within: Duration,
}

impl GuardedClient {
    /// Creates a client with this machine's root certificates and the default limits of [`GuardedClientBuilder`].
    ///
    /// # Errors
    ///
    /// [`DeliveryError::NoRootCertificates`] when the machine has no root certificates.
    pub fn new(guard: Guard) -> Result<Self, DeliveryError> {
        Self::builder(guard).build()
    }

    /// Configures a client.
    pub fn builder(guard: Guard) -> GuardedClientBuilder {
        GuardedClientBuilder::new(guard)
    }

    /// Returns the guard.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Sends a request and waits for the response. The time limit is the lower of `within` and the client's own.
    ///
    /// If the future is dropped, the request may still have been made.
    ///
    /// # Errors
    ///
    /// [`DeliveryError`] when there is no response. A response is not an error, whatever its status.
    pub async fn send(&self, call: Call<'_>, within: Duration) -> Result<Reply, DeliveryError> {
        let uri = self.guard.admit(call.url)?;
        let (within, started) = (within.min(self.within), Instant::now());
        // RFC 9110 section 8.6: a method that anticipates a body announces an empty one.
        let announces_empty_body =
            call.body.is_empty() && [Method::POST, Method::PUT, Method::PATCH].contains(&call.method);
        let mut request = http::Request::new(Full::new(call.body));
        *request.method_mut() = call.method;
        *request.uri_mut() = uri;
        *request.headers_mut() = call.headers;
        request.headers_mut().insert(USER_AGENT, AGENT);
        if announces_empty_body {
            request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let response = timeout(within, self.http.request(request)).await.map_err(|_| DeliveryError::Timeout)?;
        let (head, body) = response.map_err(classify)?.into_parts();
        let retry_after = head.headers.get(RETRY_AFTER).and_then(|value| reply::retry_after(value, SystemTime::now()));
        Ok(Reply {
            status: head.status,
            retry_after,
            body_start: reply::read_start(body, within.saturating_sub(started.elapsed())).await,
        })
    }
}

/// Returns the connector's own error if found among the sources, and otherwise whether connecting or the exchange
/// failed.
fn classify(error: ClientError) -> DeliveryError {
    let mut source: Option<&(dyn Error + 'static)> = error.source();
    while let Some(inner) = source {
        match inner.downcast_ref() {
            Some(DeliveryError::Blocked(blocked)) => return (*blocked).into(),
            Some(DeliveryError::Resolve(cause)) => {
                return DeliveryError::Resolve(io::Error::new(cause.kind(), cause.to_string()));
            }
            Some(DeliveryError::Timeout) => return DeliveryError::Timeout,
            _ => source = inner.source(),
        }
    }
    if error.is_connect() { DeliveryError::Connect(error.into()) } else { DeliveryError::Exchange(error.into()) }
}

impl fmt::Debug for GuardedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedClient")
            .field("guard", &self.guard)
            .field("within", &self.within)
            .finish_non_exhaustive()
    }
}
