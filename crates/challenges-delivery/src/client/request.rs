use std::fmt;

use bytes::Bytes;
use challenges_core::OutboxId;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::error::DeliveryError;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A request for a [`GuardedClient`](crate::GuardedClient) to send.
pub struct Request<'a> {
    pub(super) method: Method,
    pub(super) url: &'a str,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// `true` if the body of the response decides the outcome.
    pub(super) body_decides: bool,
}

impl<'a> Request<'a> {
    /// Creates a request without headers and body.
    #[must_use]
    pub fn new(method: Method, url: &'a str) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: Bytes::new(), body_decides: false }
    }

    /// Sets a header. Its value is treated as a secret and never printed.
    ///
    /// # Errors
    ///
    /// [`DeliveryError::Header`] when the value contains characters that HTTP does not allow.
    pub fn header(mut self, name: HeaderName, value: impl AsRef<[u8]>) -> Result<Self, DeliveryError> {
        let mut value = HeaderValue::from_bytes(value.as_ref()).map_err(|_| DeliveryError::Header)?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Sets the `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header) to a quoted string (RFC 9651).
    ///
    /// # Errors
    ///
    /// Same as [`header`](Self::header), although every id is a valid header value.
    pub fn idempotency_key(self, id: &OutboxId) -> Result<Self, DeliveryError> {
        self.header(IDEMPOTENCY_KEY, format!("\"{id}\""))
    }

    /// Sets the `Idempotency-Key` header to the bare id, without quotes, for services that read the header as plain
    /// text.
    ///
    /// # Errors
    ///
    /// Same as [`header`](Self::header), although every id is a valid header value.
    pub fn unquoted_idempotency_key(self, id: &OutboxId) -> Result<Self, DeliveryError> {
        self.header(IDEMPOTENCY_KEY, id.to_string())
    }

    /// Reads the body of the response for longer, because the body decides the outcome.
    pub(crate) fn body_decides(self, body_decides: bool) -> Self {
        Self { body_decides, ..self }
    }

    /// Sets the body.
    #[must_use]
    pub fn body(self, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..self }
    }
}

impl fmt::Debug for Request<'_> {
    /// Omits the URL, the header values and the body, because each may contain a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("method", &self.method).finish_non_exhaustive()
    }
}
