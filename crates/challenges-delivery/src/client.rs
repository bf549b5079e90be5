//! The HTTP client behind every outbound request.

mod builder;
mod request;
mod response;

pub use builder::GuardedClientBuilder;
pub use request::Request;
pub use response::Response;

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderValue, RETRY_AFTER, USER_AGENT};
use http::{Method, Uri};
use http_body_util::Full;
use hyper_util::client::legacy::{Client, Error as ClientError};
use tokio::time::{self, Instant};

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
    timeout: Duration,
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

    /// Sends a request and waits for the response. The lower of `timeout` and the client's own timeout applies.
    ///
    /// If the future is dropped, the request may still have been made.
    ///
    /// # Errors
    ///
    /// [`DeliveryError`] when there is no response. A response is not an error, whatever its status.
    pub async fn send(&self, request: Request<'_>, timeout: Duration) -> Result<Response, DeliveryError> {
        let uri = self.guard.admit(request.url)?;
        let (timeout, started, decides) = (timeout.min(self.timeout), Instant::now(), request.body_decides);
        let response = time::timeout(timeout, self.http.request(into_http(request, uri))).await;
        let response = response.map_err(|_| DeliveryError::Timeout)?;
        let (head, body) = response.map_err(classify)?.into_parts();
        let retry_after =
            head.headers.get(RETRY_AFTER).and_then(|value| response::retry_after(value, SystemTime::now()));
        let left = timeout.saturating_sub(started.elapsed());
        let (body_start, has_whole_body) = response::read_start(body, decides, left).await;
        Ok(Response { status: head.status, retry_after, headers: head.headers, body_start, has_whole_body })
    }
}

/// Converts a request whose URL the guard admitted as `uri`.
fn into_http(request: Request<'_>, uri: Uri) -> http::Request<Full<Bytes>> {
    let Request { method, headers, body, .. } = request;
    // RFC 9110 section 8.6: a method that anticipates a body announces an empty one.
    let announces_empty_body = body.is_empty() && [Method::POST, Method::PUT, Method::PATCH].contains(&method);
    let mut request = http::Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    request.headers_mut().insert(USER_AGENT, AGENT);
    if announces_empty_body {
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    request
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
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
