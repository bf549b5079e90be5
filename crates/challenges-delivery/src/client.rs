//! The one HTTP client that everything goes out through.

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

/// An HTTP/1.1 client that asks a [`Guard`] before it goes anywhere.
///
/// It follows no redirect, takes no proxy from the environment, keeps no cookie, decompresses nothing, repeats no request
/// that may have reached the other side, and has an end in time and size for everything. Connections are reused.
///
/// A clone shares the connections. Clients of different guards do not: a connection that one made is no other's.
#[derive(Clone)]
pub struct GuardedClient {
    guard: Arc<Guard>,
    http: Client<Connector, Full<Bytes>>,
    within: Duration,
}

impl GuardedClient {
    /// A client of that guard that trusts the root certificates of this machine, with the limits of
    /// [`GuardedClientBuilder`].
    ///
    /// # Errors
    ///
    /// [`DeliveryError`] when the machine has no root certificates.
    pub fn new(guard: Guard) -> Result<Self, DeliveryError> {
        Self::builder(guard).build()
    }

    /// Configures a client of that guard.
    pub fn builder(guard: Guard) -> GuardedClientBuilder {
        GuardedClientBuilder::new(guard)
    }

    /// What it asks.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Sends a request, and waits for the answer no longer than `within`, nor than the client's own limit.
    ///
    /// The future may be dropped; the request may then have been made.
    ///
    /// # Errors
    ///
    /// [`DeliveryError`] when there is no answer. A response is not an error, whatever its status.
    pub async fn send(&self, call: Call<'_>, within: Duration) -> Result<Reply, DeliveryError> {
        let uri = self.guard.admit(call.url)?;
        let (within, started) = (within.min(self.within), Instant::now());
        // RFC 9110 section 8.6: a request that could have a body says that it has none.
        let says_none = call.body.is_empty() && [Method::POST, Method::PUT, Method::PATCH].contains(&call.method);
        let mut request = http::Request::new(Full::new(call.body));
        *request.method_mut() = call.method;
        *request.uri_mut() = uri;
        *request.headers_mut() = call.headers;
        request.headers_mut().insert(USER_AGENT, AGENT);
        if says_none {
            request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let answer = timeout(within, self.http.request(request)).await.map_err(|_| DeliveryError::Timeout)?;
        let (head, body) = answer.map_err(explain)?.into_parts();
        let retry_after = head.headers.get(RETRY_AFTER).and_then(|it| reply::retry_after(it, SystemTime::now()));
        Ok(Reply {
            status: head.status,
            retry_after,
            start: reply::start_of(body, within.saturating_sub(started.elapsed())).await,
        })
    }
}

/// What the connector said, where it was the connector.
fn explain(error: ClientError) -> DeliveryError {
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
